/**
 * A firmware that gives back what it was sent, in a form that shows every byte that counts: that which stood behind the
 * recorded driver. Its response, cut at the length asked for, little-endian:
 *   0 u32 ep, u32 op, u32 request bytes, u32 response bytes, u64 FNV-1a of the request, 16 characters, and then of
 *   byte i (i * 5 + 1) & 255.
 */
import type { Clock } from '../../abi/clock.ts';
import { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { AdminQueue, PdsCommand, PdsCompletion, PdsOperation } from './adminq.ts';

/** May be changed at any time; looked at in each command. */
export interface LoopbackOptions {
  /** Of every RPC's completion. */
  status: number;
  err: number;
  /** False: the response is left as it is. */
  fill: boolean;
  /** Called for each RPC, and for each query; what it throws is thrown: it was not delivered. */
  deliver: (() => void) | undefined;
  deliverQuery: (() => void) | undefined;
  /** RPCs answer this late, milliseconds; 0: at once. Needs the clock. */
  delayMs: number;
}

const SOLE: readonly PdsOperation[] = [{ id: 0x00010001, attribute: 0 }];

/** By endpoint; the others have the sole one. Every attribute, and lists in which the order of versions counts. */
const OPERATIONS: ReadonlyMap<number, readonly PdsOperation[]> = new Map([
  [
    1,
    operations(`
    00010001 00  00010002 02  00010003 04  00010004 08  00010005 10  00010006 01  00010007 03  00010008 06
    00010009 0a  0001000a 20  0001000b 80  0001000c ff  0001000d 0c  0001000e 12
    00000020 00  00020020 08  00ff0020 40  00050021 08  00010021 00  ab010030 00  0000ffff 00  00000000 02`),
  ],
  [2, operations('00010001 08  00010004 00')],
  [4, []],
]);

const TEXT = new TextEncoder().encode('PDS-LOOPBACK-FW!');

export class Loopback implements AdminQueue {
  readonly maxRequest = 8192;
  readonly maxResponse = 4096;
  readonly endpoints = [1, 2, 3, 4, 0x80000001, 0xffffffff, 0];
  readonly options: LoopbackOptions;
  /** RPCs that arrived, those that were not delivered too. */
  rpcs = 0;
  private readonly clock: Clock | undefined;
  /** The longest response. */
  private readonly answer = Uint8Array.from({ length: this.maxResponse }, (_, i) => i * 5 + 1);
  private readonly view = new DataView(this.answer.buffer);

  constructor(options: Partial<LoopbackOptions> = {}, clock?: Clock) {
    this.options = {
      status: 0,
      err: 0,
      fill: true,
      deliver: undefined,
      deliverQuery: undefined,
      delayMs: 0,
      ...options,
    };
    this.clock = clock;
    this.answer.set(TEXT, 24);
  }

  query(ep: number): readonly PdsOperation[] {
    this.options.deliverQuery?.();
    return OPERATIONS.get(ep) ?? SOLE;
  }

  rpc(command: PdsCommand): PdsCompletion | Held<PdsCompletion> {
    const { options, clock } = this;
    this.rpcs++;
    options.deliver?.();
    const { status, err } = options;
    if (status === 0 && options.fill) this.fill(command);
    if (options.delayMs === 0 || clock === undefined) return { status, err };
    const late = new Held<PdsCompletion>();
    clock.after(options.delayMs, () => late.release(() => ({ status, err })));
    return late;
  }

  private fill({ ep, op, request, response: { bytes, length } }: PdsCommand): void {
    const { answer, view } = this;
    view.setUint32(0, ep, true);
    view.setUint32(4, op, true);
    view.setUint32(8, request.length, true);
    view.setUint32(12, length, true);
    fnv1a64(request, view, 16);
    bytes.set(answer.subarray(0, length));
  }
}

/** Pairs of id and attribute, in hex. */
function operations(text: string): PdsOperation[] {
  const numbers = text
    .trim()
    .split(/\s+/)
    .map((word) => Number.parseInt(word, 16));
  return numbers.flatMap((id, i) => (i % 2 === 0 ? [{ id, attribute: numbers[i + 1] as number }] : []));
}

/**
 * FNV-1a, 64 bits, written little-endian at `at`. In whole numbers of
 * 32 bits: a bigint, or a double, a byte would cost more than the rest.
 */
function fnv1a64({ bytes, length }: MessageBuffer, target: DataView, at: number): void {
  let high = 0xcbf29ce4 | 0;
  let low = 0x84222325 | 0;
  for (let i = 0; i < length; i++) {
    low ^= bytes[i] as number;
    const lower = (low & 0xffff) * 0x1b3;
    const upper = (low >>> 16) * 0x1b3 + (lower >>> 16);
    high = (Math.imul(high, 0x1b3) + (upper >>> 16) + (low << 8)) | 0;
    low = (upper << 16) | (lower & 0xffff);
  }
  target.setInt32(at, low, true);
  target.setInt32(at + 4, high, true);
}
