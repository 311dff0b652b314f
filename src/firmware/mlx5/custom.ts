/**
 * The mailbox made of a firmware of one's own (abi/mlx5/custom-firmware.ts). The driver's own commands (uid 0:
 * CREATE_UCTX, DESTROY_UCTX, QUERY_HCA_CAP) are answered here: a module has only its clients' to think of.
 */
import type { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { CustomFirmware, FirmwareAnswer } from '../../abi/mlx5/custom-firmware.ts';
import { replyHeader, requestHeader } from '../../abi/mlx5/headers.ts';
import { type FirmwareFailed, isUnsigned, moduleAnswer } from '../../abi/module-answer.ts';
import { Loopback } from './loopback.ts';
import type { Mailbox } from './mailbox.ts';

export class CustomMailbox implements Mailbox {
  private readonly firmware: CustomFirmware;
  private readonly failed: FirmwareFailed;
  private readonly driverSide: Loopback;

  constructor(firmware: CustomFirmware, failed: FirmwareFailed) {
    this.firmware = firmware;
    this.failed = failed;
    this.driverSide = new Loopback({
      uctxCap: firmware.uctxCap ?? 4,
      created: (uid) => this.tell(() => firmware.opened?.(uid)),
      destroyed: (uid) => this.tell(() => firmware.closed?.(uid)),
    });
  }

  exec(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined> {
    const { view } = request;
    const uid = view.getUint16(requestHeader.uid);
    if (uid === 0) return this.driverSide.exec(request, reply);
    const { length } = reply;
    const asked = {
      opcode: view.getUint16(requestHeader.opcode),
      opMod: view.getUint16(requestHeader.opMod),
      uid,
      bytes: request.bytes.slice(0, request.length),
      outLength: length,
    };
    // The frame that `reply` is of stays this command's until it is answered.
    const use = (answer: FirmwareAnswer): undefined => {
      reply.length = length;
      write(answer, reply);
    };
    return moduleAnswer(() => this.firmware.exec(asked), use, this.failed);
  }

  /** Opening and closing go on whatever a module makes of them. */
  private tell(event: () => void): void {
    try {
      event();
    } catch (error) {
      this.failed(error);
    }
  }
}

/** Puts an answer into the reply, which is zero. Throws a TypeError for one that is none. */
function write(answer: FirmwareAnswer, reply: MessageBuffer): void {
  if (answer === undefined || answer === null) return;
  if (answer instanceof Uint8Array) {
    reply.bytes.set(answer.subarray(0, reply.length));
    return;
  }
  if (typeof answer !== 'object')
    throw new TypeError(`exec returned ${typeof answer}, not bytes or {status, syndrome, data}`);
  const { status = 0, syndrome = 0, data } = answer;
  if (!isUnsigned(status, 0xff)) throw new TypeError('status is not a whole number of 8 bits');
  if (!isUnsigned(syndrome, 0xffffffff)) throw new TypeError('syndrome is not a whole number of 32 bits');
  if (data !== undefined && !(data instanceof Uint8Array)) throw new TypeError('data is not a Uint8Array');
  reply.view.setUint8(replyHeader.status, status);
  reply.view.setUint32(replyHeader.syndrome, syndrome);
  if (data !== undefined)
    reply.bytes.set(data.subarray(0, Math.max(0, reply.length - replyHeader.own)), replyHeader.own);
}
