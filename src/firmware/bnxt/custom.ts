/** The HWRM channel made of a firmware of one's own (abi/bnxt/custom-firmware.ts). */
import type { CustomHwrm, HwrmAnswer } from '../../abi/bnxt/custom-firmware.ts';
import { requestHeader, responseHeader } from '../../abi/bnxt/hwrm.ts';
import { requestName } from '../../abi/bnxt/requests.ts';
import type { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import { type FirmwareFailed, isUnsigned, moduleAnswer } from '../../abi/module-answer.ts';
import type { Hwrm, HwrmBuffer } from './hwrm.ts';

export class CustomChannel implements Hwrm {
  readonly stopped = false;
  private readonly firmware: CustomHwrm;
  private readonly failed: FirmwareFailed;

  constructor(firmware: CustomHwrm, failed: FirmwareFailed) {
    this.firmware = firmware;
    this.failed = failed;
  }

  exec(
    request: MessageBuffer,
    response: MessageBuffer,
    buffers: readonly HwrmBuffer[],
    timeoutMs: number,
  ): undefined | Held<undefined> {
    const type = request.view.getUint16(requestHeader.reqType, true);
    const head = request.bytes.slice(0, request.length);
    const asked = { type, name: requestName(type), bytes: head.slice(), outLength: response.length, timeoutMs };
    // The frame that `response` is of stays this request's until it is answered.
    const { bytes, view, length } = response;
    const use = (answer: HwrmAnswer): undefined => write(answer, head, { bytes, view, length });
    return moduleAnswer(() => this.firmware.hwrm(asked, buffers), use, this.failed);
  }
}

/** Puts an answer into the response, which is zero. Throws a TypeError for one that is none. */
function write(answer: HwrmAnswer, request: Uint8Array, response: MessageBuffer): undefined {
  if (answer instanceof Uint8Array) {
    response.bytes.set(answer.subarray(0, response.length));
    return;
  }
  if (typeof answer !== 'object' && answer !== undefined)
    throw new TypeError(`hwrm returned ${typeof answer}, not bytes or {errorCode, cmdErr, data}`);
  const { errorCode = 0, cmdErr = 0, data = new Uint8Array(0) } = answer ?? {};
  if (!isUnsigned(errorCode, 0xffff)) throw new TypeError('errorCode is not a whole number of 16 bits');
  if (!isUnsigned(cmdErr, 0xff)) throw new TypeError('cmdErr is not a whole number of 8 bits');
  if (!(data instanceof Uint8Array)) throw new TypeError('data is not a Uint8Array');
  const refused = errorCode !== 0;
  const bytes = new Uint8Array(refused ? responseHeader.refusal : responseBytes(data.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(responseHeader.errorCode, errorCode, true);
  bytes.set(request.subarray(requestHeader.reqType, requestHeader.reqType + 2), responseHeader.reqType);
  bytes.set(request.subarray(requestHeader.seqId, requestHeader.seqId + 2), responseHeader.seqId);
  view.setUint16(responseHeader.respLen, bytes.length, true);
  if (refused) bytes[responseHeader.cmdErr] = cmdErr;
  else bytes.set(data, responseHeader.bytes);
  bytes[bytes.length - 1] = 1;
  response.bytes.set(bytes.subarray(0, Math.min(bytes.length, response.length)));
}

/** Header, data and `valid`, in whole quadwords. */
export function responseBytes(data: number): number {
  return Math.ceil((responseHeader.bytes + data + 1) / 8) * 8;
}
