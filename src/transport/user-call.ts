/**
 * A Call whose caller is a thread that process_vm_readv() and process_vm_writev() can reach (native/memory.c). Where a
 * page of it may be long in coming the run is broken off (NOT_THERE), a copier fetches what is `wanted`, and the ioctl
 * begins again with it, as in RetryCall. Writes that a copier has to make are `owed` when the ioctl has run.
 */
import { ERRNO } from '../abi/errno.ts';
import { Call, FRAME, type UserPointer } from '../kernel/call.ts';
import type { CopyJob } from './copiers.ts';
import { COMMIT, COPY, type Native } from './native.ts';
import { MemoryUnavailable } from './open-files.ts';
import { ProcCaller } from './proc-caller.ts';

/** In a queued write: clear instead of copying. */
const CLEAR = 0xffffffff;
/** Beside a queued write's length: carried out also when one before it has faulted. */
const ANYWAY = 0x80000000;
/** Words of one queued write: pointer, skip, source, length (struct queued). */
const QUEUED_WORDS = 4;
/** Words of FRAME.ahead (struct ahead). */
const AHEAD = { addressLow: 0, addressHigh: 1, length: 2, asked: 3, copied: 4, words: 5 } as const;

/** Thrown out of an ioctl whose memory is not there at once: it is to be run again, with `UserCall.wanted` at hand. */
export const NOT_THERE = new MemoryUnavailable('a page of the caller is not there yet');

const SIZE_WORD = 4;

/** What an earlier run of the ioctl has read. */
interface Found {
  readonly low: number;
  readonly high: number;
  readonly skip: number;
  readonly target: number;
  readonly length: number;
  /** Up to the first fault. */
  readonly bytes: Uint8Array;
}

/** A write that a copier has to make. */
export interface OwedWrite extends CopyJob {
  /** Also where one before it has faulted. */
  readonly anyway: boolean;
}

/** The thread's memory cannot be had at all: Yama, another user's process, another pid namespace. */
export function outOfReach(tid: number, errno: number): MemoryUnavailable {
  const why =
    errno === ERRNO.ESRCH
      ? 'no such thread in the pid namespace of fwctl-emu'
      : 'not permitted (see kernel.yama.ptrace_scope, and whose process it is)';
  return new MemoryUnavailable(`the memory of thread ${tid} cannot be read: ${why}`);
}

export class UserCall extends Call {
  override readonly caller: ProcCaller;
  /** The addon's number of this call's frame. */
  readonly index: number;
  private readonly native: Native;
  private readonly queue: Uint32Array;
  /** FRAME.ahead: what the addon has read before it was asked to. */
  private readonly ahead: Uint32Array;
  private queued = 0;
  /** How many of the queue's writes a copier is to make, once the ioctl has run. */
  private deferred = 0;
  /** Undefined: the first run, by the shortest way. */
  private found: Found[] | undefined;
  private zeroes = 0;
  private begun: object | undefined;
  /** What a copier must fetch before the next run; undefined: nothing. */
  wanted: CopyJob | undefined;
  /** The caller's ioctl has ended without an answer: its memory is its own again. */
  private abandoned = false;

  constructor(native: Native) {
    super(new ArrayBuffer(FRAME.bytes));
    this.native = native;
    this.caller = new ProcCaller();
    this.index = native.addFrame(this.buffer);
    this.queue = new Uint32Array(this.buffer, FRAME.queue, (FRAME.ahead - FRAME.queue) >> 2);
    this.ahead = new Uint32Array(this.buffer, FRAME.ahead, AHEAD.words);
  }

  /** Makes the frame that of the ioctl whose request was read last. The argument's two halves are those of its u64. */
  begin(cmd: number, argLow: number, argHigh: number): void {
    this.cmd = cmd;
    this.queued = 0;
    this.deferred = 0;
    this.found = undefined;
    this.wanted = undefined;
    this.zeroes = 0;
    this.begun = undefined;
    this.abandoned = false;
    this.view.setUint32(FRAME.arg, argLow, true);
    this.view.setUint32(FRAME.arg + 4, argHigh, true);
  }

  override get ioctl(): object {
    this.begun ??= {};
    return this.begun;
  }

  override get zeroTo(): number {
    return this.zeroes;
  }

  override copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number {
    if (this.found !== undefined) return this.readAgain(pointer, skip, target, length);
    const { ahead } = this;
    if (target === FRAME.ucmd && pointer === FRAME.arg && length === ahead[AHEAD.asked] && skip === 0) {
      ahead[AHEAD.asked] = 0; // once: who reads it again wants what stands there by then
      return ahead[AHEAD.copied] as number;
    }
    if (target === FRAME.in) {
      const there = skip === 0 && this.wasReadAhead(pointer, length);
      ahead[AHEAD.length] = 0; // once: this read puts other bytes there, if need be
      if (there) return length;
    }
    const copied = this.native.copyFromUser(this.index, this.caller.tid, pointer, skip, target, length);
    if (copied >= 0) return copied;
    if (copied !== -ERRNO.EAGAIN) throw outOfReach(this.caller.tid, -copied);
    this.found = [];
    throw NOT_THERE;
  }

  /** Touches no page that the kernel would not: of a structure what its size counts, of a tail those up to a byte. */
  private readAgain(pointer: UserPointer, skip: number, target: number, length: number): number {
    if (pointer !== FRAME.arg) return this.piece(pointer, skip, target, length);
    if (target === FRAME.out) return this.piece(pointer, skip, target, length, COPY.tail);
    if (target !== FRAME.ucmd || skip !== 0 || length <= SIZE_WORD) return this.piece(pointer, skip, target, length);
    if (this.piece(pointer, 0, target, SIZE_WORD) < SIZE_WORD) return 0;
    const size = this.view.getUint32(target, true);
    return size <= SIZE_WORD ? SIZE_WORD : this.piece(pointer, 0, target, Math.min(size, length));
  }

  override foundZero(_from: number, to: number): void {
    this.zeroes = to;
    this.found = this.found?.filter((read) => read.target < FRAME.out);
  }

  private piece(pointer: UserPointer, skip: number, target: number, length: number, kind: number = COPY.read): number {
    const { view, bytes } = this;
    const low = view.getUint32(pointer, true);
    const high = view.getUint32(pointer + 4, true);
    const before = this.found?.find(
      (read) =>
        read.low === low &&
        read.high === high &&
        read.skip === skip &&
        read.target === target &&
        read.length === length,
    );
    if (before !== undefined) {
      bytes.set(before.bytes, target);
      return before.bytes.length;
    }
    const copied = this.native.copyFromUser(this.index, this.caller.tid, pointer, skip, target, length);
    if (copied < 0 && copied !== -ERRNO.EAGAIN) throw outOfReach(this.caller.tid, -copied);
    if (copied < 0) {
      const { tid } = this.caller;
      this.wanted = { kind, frame: this.index, tid, pointer, skip, place: target, length };
      throw NOT_THERE;
    }
    this.found?.push({ low, high, skip, target, length, bytes: bytes.slice(target, target + copied) });
    return copied;
  }

  /** A copier has brought so many bytes of what was wanted, all or up to a fault. */
  fetched(copied: number): void {
    const { wanted, view } = this;
    if (wanted === undefined) return;
    const { pointer, skip, place: target, length } = wanted;
    const [low, high] = [view.getUint32(pointer, true), view.getUint32(pointer + 4, true)];
    this.found?.push({ low, high, skip, target, length, bytes: this.bytes.slice(target, target + copied) });
    this.wanted = undefined;
  }

  private wasReadAhead(pointer: UserPointer, length: number): boolean {
    const { ahead, view } = this;
    return (
      length <= (ahead[AHEAD.length] as number) &&
      view.getUint32(pointer, true) === ahead[AHEAD.addressLow] &&
      view.getUint32(pointer + 4, true) === ahead[AHEAD.addressHigh]
    );
  }

  override copyToUser(pointer: UserPointer, skip: number, source: number, length: number, anyway = false): void {
    const at = this.queued++ * QUEUED_WORDS;
    this.queue[at] = pointer;
    this.queue[at + 1] = skip;
    this.queue[at + 2] = source;
    this.queue[at + 3] = anyway ? length | ANYWAY : length;
  }

  override clearUser(pointer: UserPointer, skip: number, length: number): void {
    this.copyToUser(pointer, skip, CLEAR, length);
  }

  /** The connection ended and let the caller go: nothing more may be written there, whatever the ioctl still does. */
  abandon(): void {
    this.abandoned = true;
    this.deferred = 0;
  }

  /** Whether a copier has writes to make before the ioctl is answered. */
  get owes(): boolean {
    return this.deferred > 0;
  }

  /** Those, in their order. Their bytes stand in the frame. */
  owed(): OwedWrite[] {
    const { tid } = this.caller;
    return Array.from({ length: this.deferred }, (_, i) => {
      const [pointer = 0, skip = 0, place = 0, length = 0] = this.queue.subarray(i * QUEUED_WORDS);
      const about = { frame: this.index, tid, pointer, skip, place };
      if (place === CLEAR) return { ...about, kind: COPY.clear, length, anyway: false };
      return { ...about, kind: COPY.write, length: (length & ~ANYWAY) >>> 0, anyway: length >= ANYWAY };
    });
  }

  override commit(): boolean {
    if (this.abandoned) {
      this.queued = 0;
      return true;
    }
    const error = this.native.commit(this.index, this.caller.tid, this.queued);
    if (error > 0) {
      // they stay queued, before those of a later commit
      this.deferred = this.queued;
      return error === COMMIT.deferred;
    }
    this.queued = 0;
    this.deferred = 0;
    if (error === 0) return true;
    if (error === -ERRNO.EFAULT) return false;
    throw outOfReach(this.caller.tid, -error);
  }
}

/** The calls of all sessions. The next is ready, its frame known to the addon; a held one is away until given back. */
export class UserCalls {
  private readonly native: Native;
  private readonly idle: UserCall[] = [];
  private ready: UserCall;

  constructor(native: Native) {
    this.native = native;
    this.ready = new UserCall(native);
    native.setNextFrame(this.ready.index);
  }

  /** The call of the ioctl whose request was read last; the next one's too, unless it is kept. */
  get next(): UserCall {
    return this.ready;
  }

  /** `next` is held: another takes its place. */
  keepNext(): void {
    this.ready = this.idle.pop() ?? new UserCall(this.native);
    this.native.setNextFrame(this.ready.index);
  }

  giveBack(call: UserCall): void {
    this.idle.push(call);
  }
}
