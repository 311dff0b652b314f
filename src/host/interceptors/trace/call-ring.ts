/**
 * The last calls of a machine as they passed, undecoded, in memory of a fixed size: what a call costs is a few copies.
 * An entry is found by its number, which counts from 0 and is never used again; the oldest make room for the newest.
 */
import { FWCTL_RPC } from '../../../abi/fwctl.ts';
import { FRAME } from '../../../kernel/call.ts';
import type { Place } from '../../machine/interceptor.ts';
import type { PointedCopy, TracedCall } from './trace-call.ts';

/** Who called, through which file. One object for all calls of a thread through a file. */
export interface PastCaller {
  readonly place: Place;
  /** Number of the open file, from 1 for each device. */
  readonly file: number;
  /** The thread's name when it first used the file. */
  readonly comm: string;
  readonly tid: number;
  readonly uid: number;
}

interface Common {
  readonly startNs: number;
  readonly endNs: number;
}

interface Called extends Common {
  readonly caller: PastCaller;
  readonly held: boolean;
  /** A number, or what was thrown. */
  readonly result: unknown;
}

/** Its bytes are views, valid until the next entry is made. */
export interface PastIoctl extends Called {
  readonly kind: 'ioctl';
  readonly cmd: number;
  readonly compat: boolean;
  readonly committed: boolean | undefined;
  /** The argument, 8 bytes; the structure as it came and as it was answered, as far as it arrived. */
  readonly argument: Uint8Array;
  readonly asked: Uint8Array;
  readonly answered: Uint8Array;
  /** The first 64 KiB of each; `outLength` -1: nothing was to be written. */
  readonly request: Uint8Array;
  readonly reply: Uint8Array;
  readonly outLength: number;
  readonly pointed: readonly PointedCopy[];
}

export type PastEntry =
  | PastIoctl
  | (Called & { readonly kind: 'open'; readonly flags: number })
  | (Common & { readonly kind: 'close'; readonly caller: PastCaller; readonly ioctls: number })
  /** Anything else that happened, as who noted it has it. */
  | (Common & { readonly kind: 'note'; readonly note: unknown });

export interface RingSize {
  /** A power of two. */
  readonly entries: number;
  /** Of all their structures and payloads. */
  readonly bytes: number;
}

interface Extra {
  readonly result: unknown;
  readonly pointed: readonly PointedCopy[];
}

const KINDS = ['open', 'ioctl', 'close', 'note'] as const;
/** Columns of `numbers`; `word`: the ioctl word, an open's flags, a close's count. */
const COLUMN = { word: 0, flags: 1, ucmd: 2, request: 3, reply: 4, result: 5, count: 6 } as const;
/** Columns of `times`; `at`: where the bytes are, counted from the first that were ever kept. */
const TIME = { start: 0, end: 1, at: 2, count: 3 } as const;
/** Of COLUMN.flags, above the two bits of the kind. */
const FLAG = { held: 4, compat: 8, reached: 16, committed: 32 } as const;

const ARGUMENT_BYTES = 8;
/** Of a request and of a reply; what the trace carries of them too. */
const MOST_BYTES = 64 * 1024;
/** Up to so many, a loop over words is faster than two views. */
const FEW_BYTES = 512;
const NO_POINTED: readonly PointedCopy[] = [];

export class CallRing {
  readonly size: RingSize;
  private readonly mask: number;
  private readonly numbers: Int32Array;
  private readonly times: Float64Array;
  private readonly callers: (PastCaller | undefined)[];
  /** What most entries have not: a result that is no number, buffers behind addresses. By the entry's number. */
  private readonly extras = new Map<number, Extra>();
  private readonly bytes: Uint8Array;
  /** The same. What is kept begins at a word. */
  private readonly words: Uint32Array;
  /** Where the next entry's bytes go, and the same counted from the first ever. */
  private offset = 0;
  private written = 0;
  private oldest = 0;
  private following = 0;

  constructor(size: RingSize) {
    const { entries, bytes } = size;
    this.size = size;
    this.mask = entries - 1;
    this.numbers = new Int32Array(entries * COLUMN.count);
    this.times = new Float64Array(entries * TIME.count);
    this.callers = new Array(entries).fill(undefined);
    // Memory of the machine's only as far as it is written.
    this.bytes = new Uint8Array(bytes);
    this.words = new Uint32Array(this.bytes.buffer);
  }

  /** The number of the oldest entry that is kept. */
  get first(): number {
    return this.oldest;
  }

  /** The number of the next. */
  get next(): number {
    return this.following;
  }

  ioctl(caller: PastCaller, startNs: number, endNs: number, call: TracedCall, held: boolean, result: unknown): void {
    const { ucmdBytes, committed, outLength, words } = call;
    const request = Math.min(call.inBytes, MOST_BYTES);
    const reply = Math.min(Math.max(outLength, 0), MOST_BYTES);
    // How an RPC is answered is in its request and reply; what the argument points to is its structure.
    const answered = call.cmd === FWCTL_RPC ? 0 : ucmdBytes;
    this.makeRoom(ARGUMENT_BYTES + padded(ucmdBytes) + padded(answered) + padded(request) + padded(reply));
    const index = this.enter(
      1 |
        (held ? FLAG.held : 0) |
        (call.compat ? FLAG.compat : 0) |
        (committed === undefined ? 0 : FLAG.reached) |
        (committed === true ? FLAG.committed : 0),
      caller,
      startNs,
      endNs,
      result,
      call.cmd,
    );
    const row = index * COLUMN.count;
    this.numbers[row + COLUMN.ucmd] = ucmdBytes;
    this.numbers[row + COLUMN.request] = request;
    this.numbers[row + COLUMN.reply] = outLength < 0 ? -1 : reply;
    if (call.pointed.length > 0) this.extras.set(this.following - 1, { result, pointed: call.pointed });
    this.copy(words, FRAME.arg, ARGUMENT_BYTES);
    this.copy(call.askedWords, 0, ucmdBytes);
    if (answered > 0) this.copy(words, FRAME.ucmd, answered);
    this.copy(words, FRAME.in, request);
    if (reply > 0) this.copy(words, call.outSource, reply);
  }

  open(caller: PastCaller, startNs: number, endNs: number, flags: number, held: boolean, result: unknown): void {
    this.enter(held ? FLAG.held : 0, caller, startNs, endNs, result, flags);
  }

  close(caller: PastCaller, startNs: number, endNs: number, ioctls: number): void {
    this.enter(2, caller, startNs, endNs, 0, ioctls);
  }

  note(atNs: number, note: unknown): void {
    this.enter(3, undefined, atNs, atNs, note, 0);
  }

  /** Undefined: it is not kept any more, or is still to come. */
  read(number: number): PastEntry | undefined {
    if (!(number >= this.oldest && number < this.following)) return undefined;
    const index = number & this.mask;
    const row = index * COLUMN.count;
    const time = index * TIME.count;
    const flags = this.numbers[row + COLUMN.flags] as number;
    const extra = this.extras.get(number);
    const word = this.numbers[row + COLUMN.word] as number;
    const common = {
      startNs: this.times[time + TIME.start] as number,
      endNs: this.times[time + TIME.end] as number,
      result: extra === undefined ? (this.numbers[row + COLUMN.result] as number) : extra.result,
      held: (flags & FLAG.held) !== 0,
    };
    const kind = KINDS[flags & 3] ?? 'note';
    const caller = this.callers[index];
    if (kind === 'note' || caller === undefined) return { kind: 'note', ...common, note: common.result };
    if (kind === 'open') return { kind, ...common, caller, flags: word };
    if (kind === 'close') return { kind, ...common, caller, ioctls: word };
    const structure = this.numbers[row + COLUMN.ucmd] as number;
    const outLength = this.numbers[row + COLUMN.reply] as number;
    let at = (this.times[time + TIME.at] as number) % this.size.bytes;
    const take = (length: number) => {
      const from = at;
      at += padded(length);
      return this.bytes.subarray(from, from + length);
    };
    return {
      kind,
      ...common,
      caller,
      cmd: word >>> 0,
      compat: (flags & FLAG.compat) !== 0,
      committed: (flags & FLAG.reached) === 0 ? undefined : (flags & FLAG.committed) !== 0,
      argument: take(ARGUMENT_BYTES),
      asked: take(structure),
      answered: take(word >>> 0 === FWCTL_RPC ? 0 : structure),
      request: take(this.numbers[row + COLUMN.request] as number),
      reply: take(Math.max(outLength, 0)),
      outLength,
      pointed: extra?.pointed ?? NO_POINTED,
    };
  }

  /** So many bytes in one piece, of which the oldest entries give up theirs. */
  private makeRoom(length: number): void {
    const { bytes } = this.size;
    if (this.offset + length > bytes) {
      this.written += bytes - this.offset;
      this.offset = 0;
    }
    const lost = this.written + length - bytes;
    while (this.oldest < this.following && this.placeOf(this.oldest) < lost) this.forgetOldest();
  }

  private placeOf(number: number): number {
    return this.times[(number & this.mask) * TIME.count + TIME.at] as number;
  }

  private enter(
    flags: number,
    caller: PastCaller | undefined,
    startNs: number,
    endNs: number,
    result: unknown,
    word: number,
  ): number {
    const number = this.following++;
    if (number - this.oldest > this.mask) this.forgetOldest();
    const index = number & this.mask;
    const time = index * TIME.count;
    this.times[time + TIME.start] = startNs;
    this.times[time + TIME.end] = endNs;
    this.times[time + TIME.at] = this.written;
    this.numbers[index * COLUMN.count + COLUMN.flags] = flags;
    this.numbers[index * COLUMN.count + COLUMN.word] = word;
    this.callers[index] = caller;
    if (typeof result === 'number') this.numbers[index * COLUMN.count + COLUMN.result] = result;
    else this.extras.set(number, { result, pointed: NO_POINTED });
    return index;
  }

  private forgetOldest(): void {
    if (this.extras.size > 0) this.extras.delete(this.oldest);
    this.oldest++;
  }

  /** `at` is a word's, as everything in a frame is that calls are answered from. */
  private copy(from: Uint32Array, at: number, length: number): void {
    const { words, offset } = this;
    const count = padded(length) >> 2;
    const source = at >> 2;
    const target = offset >> 2;
    if (length > FEW_BYTES) words.set(from.subarray(source, source + count), target);
    else for (let i = 0; i < count; i++) words[target + i] = from[source + i] as number;
    this.offset = offset + 4 * count;
    this.written += 4 * count;
  }
}

/** Up to the end of its last word. */
function padded(length: number): number {
  return (length + 3) & ~3;
}
