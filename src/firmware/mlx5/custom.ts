/**
 * The mailbox made of a firmware of one's own (abi/mlx5/custom-firmware.ts). The driver's own commands (uid 0:
 * CREATE_UCTX, DESTROY_UCTX, QUERY_HCA_CAP) are answered here: a module has only its clients' to think of.
 */
import { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { CustomFirmware, FirmwareAnswer } from '../../abi/mlx5/custom-firmware.ts';
import { replyHeader, requestHeader } from '../../abi/mlx5/headers.ts';
import { Loopback } from './loopback.ts';
import type { Mailbox } from './mailbox.ts';

/** Tells of a failure of the module and gives the exception that stands for it: a command that was not delivered. */
export type FirmwareFailed = (error: unknown) => Error;

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
    let answer: FirmwareAnswer | Promise<FirmwareAnswer>;
    try {
      answer = this.firmware.exec({
        opcode: view.getUint16(requestHeader.opcode),
        opMod: view.getUint16(requestHeader.opMod),
        uid,
        bytes: request.bytes.slice(0, request.length),
        outLength: reply.length,
      });
      if (!isPromise(answer)) {
        write(answer, reply);
        return undefined;
      }
    } catch (error) {
      throw this.failed(error);
    }
    return this.later(answer, reply);
  }

  /** The frame that `reply` is of stays this command's until it is answered. */
  private later(answer: Promise<FirmwareAnswer>, reply: MessageBuffer): Held<undefined> {
    const late = new Held<undefined>();
    const { length } = reply;
    answer.then(
      (settled) =>
        late.release(() => {
          reply.length = length;
          try {
            write(settled, reply);
          } catch (error) {
            throw this.failed(error);
          }
          return undefined;
        }),
      (error) =>
        late.release(() => {
          throw this.failed(error);
        }),
    );
    return late;
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

function isPromise(answer: FirmwareAnswer | Promise<FirmwareAnswer>): answer is Promise<FirmwareAnswer> {
  return typeof (answer as Promise<FirmwareAnswer> | undefined)?.then === 'function';
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

function isUnsigned(value: unknown, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}
