/** A Call whose caller is a thread that process_vm_readv() and process_vm_writev() can reach (native/memory.c). */
import { ERRNO } from '../abi/errno.ts';
import { Call, FRAME, type UserPointer } from '../kernel/call.ts';
import type { Native } from './native.ts';
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

/** The thread's memory cannot be had at all: Yama, another user's process, another pid namespace. */
function outOfReach(tid: number, errno: number): MemoryUnavailable {
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
    this.abandoned = false;
    this.view.setUint32(FRAME.arg, argLow, true);
    this.view.setUint32(FRAME.arg + 4, argHigh, true);
  }

  override copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number {
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
    if (copied < 0) throw outOfReach(this.caller.tid, -copied);
    return copied;
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
  }

  override commit(): boolean {
    if (this.abandoned) {
      this.queued = 0;
      return true;
    }
    const error = this.native.commit(this.index, this.caller.tid, this.queued);
    this.queued = 0;
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
