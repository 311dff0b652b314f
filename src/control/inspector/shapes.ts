/** From entries of the history to rows of a list: a row has its times and the number of a shape, which others share. */
import type { PastEntry } from '../../host/interceptors/trace/call-ring.ts';
import { type CallShape, shapeOf } from '../../host/interceptors/trace/call-shape.ts';
import type { PastEvents } from '../../host/interceptors/trace/past-events.ts';

/** Of a call: its number, start (microseconds of the epoch), duration (microseconds), and the number of its shape. */
export type Row = readonly [number: number, timeUs: number, durationUs: number, shape: number];

/** Of different calls that are remembered; beyond it all are forgotten, and told again when they come again. */
const MOST = 20_000;
/** Of calls that are held back, that are told one by one. */
const MOST_HELD = 200;
/** Of a reply: more than any driver's header, and with it the status. */
const HEAD_BYTES = 64;
/** Of struct fwctl_rpc: what stands before the addresses. */
const RPC_BYTES = 16;

export class Shapes {
  private readonly past: PastEvents;
  private readonly byText = new Map<string, number>();
  /** Of successful RPCs, by their bytes: these need no decoding. */
  private readonly byBytes = new Map<string, number>();
  private readonly callers = new WeakMap<object, number>();
  private callerCount = 0;
  private count = 0;
  /** Those that rows name and nobody was told yet. */
  private fresh: [number, CallShape][] = [];

  constructor(past: PastEvents) {
    this.past = past;
  }

  /** Undefined: it is not kept any more, or is still to come. */
  row(number: number): Row | undefined {
    const entry = this.past.history.ring.read(number);
    if (entry === undefined) return undefined;
    const key = this.keyOf(entry);
    const known = key === undefined ? undefined : this.byBytes.get(key);
    const end = entry.kind === 'close' ? entry.endNs : entry.startNs;
    const timeUs = this.past.timeUs(end);
    const durationUs = Math.round((entry.endNs - entry.startNs) / 100) / 10;
    if (known !== undefined) return [number, timeUs, durationUs, known];
    const event = this.past.eventOf(entry, 'keys');
    const shape = this.idOf(shapeOf(event, this.past.messagesOf(event)));
    if (key !== undefined) remember(this.byBytes, key, shape);
    return [number, timeUs, durationUs, shape];
  }

  /** Calls that are held back now: their start, microseconds of the epoch, and shape. */
  held(): { timeUs: number; shape: CallShape }[] {
    const { past } = this;
    return [...past.history.pending].slice(0, MOST_HELD).map((call) => ({
      timeUs: past.timeUs(call.startNs),
      shape: shapeOf(past.pendingEvent(call)),
    }));
  }

  /** Shapes that rows since the last call have named first. */
  takeFresh(): [number, CallShape][] {
    const { fresh } = this;
    this.fresh = [];
    return fresh;
  }

  private idOf(shape: CallShape): number {
    const text = JSON.stringify(shape);
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    const id = this.count++;
    if (this.byText.size >= MOST) this.byBytes.clear();
    remember(this.byText, text, id);
    this.fresh.push([id, shape]);
    return id;
  }

  private keyOf(entry: PastEntry): string | undefined {
    if (entry.kind !== 'ioctl' || entry.result !== 0 || entry.request.length === 0) return undefined;
    let caller = this.callers.get(entry.caller);
    if (caller === undefined) {
      caller = this.callerCount++;
      this.callers.set(entry.caller, caller);
    }
    const { cmd, held, committed, asked, request, reply, outLength } = entry;
    const head = `${caller} ${cmd} ${held} ${committed} ${outLength} `;
    return head + latin1(asked, RPC_BYTES) + latin1(request) + latin1(reply, HEAD_BYTES);
  }
}

function remember(map: Map<string, number>, key: string, id: number): void {
  if (map.size >= MOST) map.clear();
  map.set(key, id);
}

function latin1({ buffer, byteOffset, length }: Uint8Array, most = length): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, Math.min(length, most)).toString('latin1');
}
