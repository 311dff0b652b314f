/**
 * A firmware that gives back what it was sent, in a form that shows every byte that counts; it stands in for a device
 * where the border above it is tested. Its own layout, little-endian, that of the firmware which stood behind the
 * recorded driver:
 *   the response's header (sequence 0x51e9, `responseBytes`), u32 request's length, u32 timeout in ms, u64 FNV-1a of
 *   the request without its seq_id, resp_addr and addresses, u64 XOR of the FNVs of the buffers that it was to read,
 *   u32 response's room, "BNXT"; then, up to `responseBytes`, byte i is i * 5 + 1.
 * Byte j of the nth buffer that it fills is j * 7 + req_type + n.
 */
import { BUFFER_REQUESTS } from '../../abi/bnxt/buffers.ts';
import { HWRM_MAX_REQ_LEN, MAX_BUFFER_BYTES, requestHeader, responseHeader } from '../../abi/bnxt/hwrm.ts';
import type { Clock } from '../../abi/clock.ts';
import { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { Hwrm, HwrmBuffer } from './hwrm.ts';

/** May be changed at any time; looked at in each request. */
export interface LoopbackOptions {
  /** Length of the response, that of its header's resp_len as well. */
  responseBytes: number;
  /** Other than 0: it refuses with that HWRM_ERR_CODE, 16 bytes whatever `responseBytes` says. */
  errorCode: number;
  /** Takes no requests. */
  stopped: boolean;
  /** Called for each request that arrived; throws Undelivered. */
  deliver: (() => void) | undefined;
  /** Answers come this late, milliseconds, one after another; 0: at once. Needs the clock. */
  delayMs: number;
}

const SEQUENCE = 0x51e9;
const ECHO = { requestBytes: 8, timeoutMs: 12, request: 16, buffers: 24, room: 32, text: 36, bytes: 40 } as const;
const TEXT = new TextEncoder().encode('BNXT');
const REFUSAL = Uint8Array.of(0x44, 0x33, 0x22, 0x11, 0x66, 0x55, 0x77, 0);

/** Of bytes j * 7, which repeat; 7 times INVERSE is 1 there, so that every fill is a part of it. */
const SEVENS = Uint8Array.from({ length: 256 + MAX_BUFFER_BYTES }, (_, j) => j * 7);
const INVERSE = 183;

export class Loopback implements Hwrm {
  readonly options: LoopbackOptions;
  /** The response in full, whatever room there is for it. */
  private full = new Uint8Array(0);
  private view = new DataView(this.full.buffer);
  /** A request without what changes from one run to another. */
  private readonly plain = new Uint8Array(HWRM_MAX_REQ_LEN);
  private readonly clock: Clock | undefined;
  /** Requests whose answers are still to come, the last one's. */
  private busy: Held<undefined> | undefined;

  constructor(options: Partial<LoopbackOptions> = {}, clock?: Clock) {
    this.options = { responseBytes: 40, errorCode: 0, stopped: false, deliver: undefined, delayMs: 0, ...options };
    this.clock = clock;
  }

  get stopped(): boolean {
    return this.options.stopped;
  }

  exec(
    request: MessageBuffer,
    response: MessageBuffer,
    buffers: readonly HwrmBuffer[],
    timeoutMs: number,
  ): undefined | Held<undefined> {
    const { options } = this;
    options.deliver?.();
    if (options.errorCode !== 0) this.refuse(request, response);
    else this.echo(request, response, buffers, timeoutMs);
    return this.late();
  }

  private refuse(request: MessageBuffer, response: MessageBuffer): void {
    const full = this.head(request, responseHeader.refusal);
    full.set(REFUSAL, responseHeader.bytes);
    response.bytes.set(full.subarray(0, Math.min(responseHeader.refusal, response.length)));
  }

  private echo(request: MessageBuffer, response: MessageBuffer, buffers: readonly HwrmBuffer[], timeoutMs: number) {
    const { responseBytes } = this.options;
    const full = this.head(request, Math.max(ECHO.bytes, responseBytes));
    const { view } = this;
    view.setUint16(responseHeader.respLen, responseBytes, true);
    view.setUint32(ECHO.requestBytes, request.length, true);
    view.setUint32(ECHO.timeoutMs, timeoutMs, true);
    const type = request.view.getUint16(requestHeader.reqType, true);
    view.setBigUint64(ECHO.request, fnv1a64(this.withoutAddresses(request, type)), true);
    const read = buffers.reduce((sum, { toDevice, bytes }) => (toDevice ? sum ^ fnv1a64(bytes) : sum), 0n);
    view.setBigUint64(ECHO.buffers, read, true);
    view.setUint32(ECHO.room, response.length, true);
    full.set(TEXT, ECHO.text);
    response.bytes.set(full.subarray(0, Math.min(responseBytes, response.length)));
    buffers.forEach(({ toDevice, bytes }, n) => {
      if (toDevice) return;
      const from = ((type + n) * INVERSE) & 0xff;
      bytes.set(SEVENS.subarray(from, from + bytes.length));
    });
  }

  private head(request: MessageBuffer, bytes: number): Uint8Array {
    if (this.full.length < bytes) {
      this.full = Uint8Array.from({ length: bytes }, (_, i) => i * 5 + 1);
      this.view = new DataView(this.full.buffer);
    }
    const { view } = this;
    view.setUint16(responseHeader.errorCode, this.options.errorCode, true);
    view.setUint16(responseHeader.reqType, request.view.getUint16(requestHeader.reqType, true), true);
    view.setUint16(responseHeader.seqId, SEQUENCE, true);
    view.setUint16(responseHeader.respLen, bytes, true);
    return this.full;
  }

  private withoutAddresses({ bytes, length }: MessageBuffer, type: number): Uint8Array {
    const plain = this.plain.subarray(0, length);
    plain.set(bytes.subarray(0, length));
    plain.fill(0, requestHeader.seqId, requestHeader.targetId);
    plain.fill(0, requestHeader.respAddr, requestHeader.bytes);
    for (const { address } of BUFFER_REQUESTS.get(type)?.buffers ?? []) plain.fill(0, address, address + 8);
    return plain;
  }

  /** One request after another, as behind the kernel's en_dev_lock. */
  private late(): undefined | Held<undefined> {
    const { clock, busy } = this;
    const { delayMs } = this.options;
    if (delayMs === 0 || clock === undefined) return undefined;
    const answer = new Held<undefined>();
    const done = new Held<undefined>();
    this.busy = done;
    const start = () =>
      clock.after(delayMs, () => {
        if (this.busy === done) this.busy = undefined;
        answer.release(() => undefined);
        done.release(() => undefined);
      });
    if (busy === undefined) start();
    else busy.onRelease(start);
    return answer;
  }
}

/** FNV-1a, 64 bits; in two 32-bit halves, because a bigint a byte would cost more than the rest of an RPC. */
function fnv1a64(bytes: Uint8Array): bigint {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x100000000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}
