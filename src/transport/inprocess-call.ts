/** An ioctl frame of a caller in this process: its memory is a `UserMemory`. */
import { Call, FRAME, type UserPointer } from '../kernel/call.ts';
import type { Caller } from '../kernel/caller.ts';
import type { UserMemory } from './user-memory.ts';

/** `source` of a queued clear_user. */
const ZEROES = -1;

interface Write {
  address: number;
  source: number;
  length: number;
  anyway: boolean;
}

export class InprocessCall extends Call {
  caller: Caller;
  private readonly memory: UserMemory;
  /** Queued writes; entries are used again, `queued` says how many are meant. */
  private readonly writes: Write[] = [];
  private queued = 0;

  constructor(memory: UserMemory, caller: Caller) {
    super(new ArrayBuffer(FRAME.bytes));
    this.memory = memory;
    this.caller = caller;
  }

  /** Makes the frame stand for a new ioctl. Only the low 32 bits of `cmd` count, as in the kernel. */
  start(caller: Caller, cmd: number, argument: number | bigint): void {
    this.caller = caller;
    this.cmd = cmd >>> 0;
    this.queued = 0;
    if (typeof argument === 'bigint') this.view.setBigUint64(FRAME.arg, argument, true);
    else {
      this.view.setUint32(FRAME.arg, argument >>> 0, true);
      this.view.setUint32(FRAME.arg + 4, Math.floor(argument / 0x100000000), true);
    }
  }

  copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number {
    return this.memory.read(this.address(pointer, skip), this.bytes, target, length);
  }

  copyToUser(pointer: UserPointer, skip: number, source: number, length: number, anyway = false): void {
    this.queue(this.address(pointer, skip), source, length, anyway);
  }

  clearUser(pointer: UserPointer, skip: number, length: number): void {
    this.queue(this.address(pointer, skip), ZEROES, length, false);
  }

  commit(): boolean {
    const { queued } = this;
    this.queued = 0;
    let faulted = false;
    for (let i = 0; i < queued; i++) {
      const { address, source, length, anyway } = this.writes[i] as Write;
      if (faulted && !anyway) continue;
      const done =
        source === ZEROES ? this.memory.clear(address, length) : this.memory.write(address, this.bytes, source, length);
      if (done !== length) faulted = true;
    }
    return !faulted;
  }

  private queue(address: number, source: number, length: number, anyway: boolean): void {
    const write = this.writes[this.queued++];
    if (write === undefined) this.writes.push({ address, source, length, anyway });
    else {
      write.anyway = anyway;
      write.address = address;
      write.source = source;
      write.length = length;
    }
  }

  /** Rounded above 2^53, where nothing is mapped. */
  private address(pointer: UserPointer, skip: number): number {
    return this.view.getUint32(pointer + 4, true) * 0x100000000 + this.view.getUint32(pointer, true) + skip;
  }
}
