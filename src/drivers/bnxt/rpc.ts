/** One RPC: bnxtctl_fw_rpc() of drivers/fwctl/bnxt/main.c. */
import { type BufferRequest, bufferBytes } from '../../abi/bnxt/buffers.ts';
import { HWRM_MAX_REQ_LEN, MAX_BUFFER_BYTES, requestHeader, responseHeader } from '../../abi/bnxt/hwrm.ts';
import { ERRNO } from '../../abi/errno.ts';
import { Held } from '../../abi/held.ts';
import { type MessageBuffer, zero } from '../../abi/message-buffer.ts';
import type { AbiProfile } from '../../abi/profiles.ts';
import { type Hwrm, type HwrmBuffer, Undelivered } from '../../firmware/bnxt/hwrm.ts';
import type { FwctlRpc } from '../../fwctl/ops.ts';
import { type Call, FRAME } from '../../kernel/call.ts';
import { Errno } from '../../kernel/errno.ts';
import { type Rule, rulesOf, scopeRefusal } from './scopes.ts';

const IN_LEN = new Errno('EINVAL', 'in_len is not 16 to 128, the lengths of HWRM requests', 'send 16 to 128 bytes');
const OUT_LEN = new Errno('EINVAL', 'out_len is below the 8 bytes of a response header', 'ask for at least 8 bytes');
const REQUEST_BYTES = new Errno(
  'EINVAL',
  'in_len is not the size of this request, whose buffers stand behind it',
  "send exactly the request's structure, of include/linux/bnxt/hsi.h",
);
const BUFFER_BYTES = new Errno(
  'EINVAL',
  'a buffer of the request has 0 or more than 65536 bytes',
  "set the request's length field to 1 to 65536 bytes",
);
const STOPPED = new Errno(
  'EPERM',
  'the upper layer is stopped, as while the device resets',
  'try again when the device is up',
);
const UNREADABLE = new Errno('EFAULT', 'a buffer to the device cannot be read', 'map it readable for its length');

const NO_BUFFERS: readonly HwrmBuffer[] = [];

export class BnxtRpc {
  private readonly hwrm: Hwrm;
  private readonly abi: AbiProfile;
  private readonly rules: ReadonlyMap<number, Rule>;

  constructor(hwrm: Hwrm, abi: AbiProfile) {
    this.hwrm = hwrm;
    this.abi = abi;
    this.rules = rulesOf(abi);
  }

  /**
   * Returns the response's length, always what was asked for. What the firmware says is in the response; so is the
   * errno of a request that could not be delivered. Throws EINVAL, EPERM, EFAULT.
   */
  exec({ scope, request, reply, call }: FwctlRpc): number | Held<number> {
    const { hwrm } = this;
    const outLength = reply.length;
    if (request.length < requestHeader.bytes || request.length > HWRM_MAX_REQ_LEN) throw IN_LEN;
    if (outLength < responseHeader.bytes) throw OUT_LEN;
    const type = request.view.getUint16(requestHeader.reqType, true);
    const rule = this.rules.get(type);
    const row = rule?.buffers;
    if (row !== undefined) checkBuffers(request, row);
    if (hwrm.stopped) throw STOPPED;
    if (rule === undefined || scope < rule.needs) throw scopeRefusal(this.abi, type);

    const buffers = row === undefined ? NO_BUFFERS : takeBuffers(call, request, row);
    zero(reply, outLength);
    let late: undefined | Held<undefined>;
    try {
      late = hwrm.exec(request, reply, buffers, rule.timeoutMs);
    } catch (error) {
      writeUndelivered(reply, error);
    }
    if (late === undefined) {
      if (row !== undefined) giveBuffers(call, row, buffers);
      return outLength;
    }
    return answerLate(late, reply, () => {
      if (row !== undefined) giveBuffers(call, row, buffers);
      return outLength;
    });
  }
}

function checkBuffers(request: MessageBuffer, row: BufferRequest): void {
  if (request.length !== row.requestBytes) throw REQUEST_BYTES;
  for (const field of row.buffers) {
    const length = bufferBytes(request, field);
    if (length === 0 || length > MAX_BUFFER_BYTES) throw BUFFER_BYTES;
  }
}

/** Offset in the frame of a request's nth buffer. */
function placeOf(n: number): number {
  return FRAME.buffers + n * MAX_BUFFER_BYTES;
}

function takeBuffers(call: Call, request: MessageBuffer, { buffers }: BufferRequest): HwrmBuffer[] {
  return buffers.map((field, n) => {
    const length = bufferBytes(request, field);
    const place = placeOf(n);
    const bytes = call.bytes.subarray(place, place + length);
    if (!field.toDevice) bytes.fill(0);
    else if (call.copyFromUser(FRAME.in + field.address, 0, place, length) < length) throw UNREADABLE;
    return { toDevice: field.toDevice, bytes };
  });
}

/** Writes back those that the device fills, whatever became of the request: every one, also where one cannot be. */
function giveBuffers(call: Call, { buffers }: BufferRequest, taken: readonly HwrmBuffer[]): void {
  for (const [n, { toDevice, bytes }] of taken.entries()) {
    if (!toDevice) call.copyToUser(FRAME.in + (buffers[n]?.address ?? 0), 0, placeOf(n), bytes.length, true);
  }
}

/** The firmware has not seen it: the driver answers in its place, with the errno where an error code stands. */
function writeUndelivered(reply: MessageBuffer, error: unknown): void {
  if (!(error instanceof Undelivered)) throw error;
  zero(reply, reply.length);
  reply.view.setUint16(responseHeader.errorCode, -ERRNO[error.errno] & 0xffff, true);
}

/** `end` when the answer is let go, also where that says that the request was not delivered. */
function answerLate(late: Held<undefined>, reply: MessageBuffer, end: () => number): Held<number> {
  const answer = new Held<number>();
  const { bytes, view, length } = reply;
  late.onRelease(() =>
    answer.release(() => {
      try {
        late.get();
      } catch (error) {
        writeUndelivered({ bytes, view, length }, error);
      }
      return end();
    }),
  );
  return answer;
}
