/** The taint mask of one emulated machine: add_taint() of kernel/panic.c. It never loses a bit until the next boot. */

/** A taint flag: its bit and its letter in an oops (kernel/panic.c, taint_flags[]). */
export interface TaintFlag {
  readonly name: string;
  readonly bit: number;
  readonly letter: string;
}

/** include/linux/panic.h: userspace mutated the firmware in a way the kernel cannot know. Mask 524288. */
export const TAINT_FWCTL: TaintFlag = { name: 'TAINT_FWCTL', bit: 19, letter: 'J' };

export class Taint {
  /** One element, the mask: 32 bits are enough, the kernel has flags 0 to 19 (TAINT_FLAGS_COUNT), and only 19 is set here. */
  private readonly cell: Int32Array;
  private readonly listeners = new Set<() => void>();

  /** `cell`: its first element is the mask, of all threads that were given the same memory; absent: memory of its own. */
  constructor(cell: Int32Array = new Int32Array(1)) {
    this.cell = cell;
  }

  /** The value of /proc/sys/kernel/tainted. */
  get value(): number {
    return Atomics.load(this.cell, 0);
  }

  /** Sets the flag; true when it was not set before: for one of several threads that set it at the same time. */
  add(flag: TaintFlag): boolean {
    const bit = 1 << flag.bit;
    // Looked at first: each RPC of a write scope comes here, and nearly all find it set.
    if ((Atomics.load(this.cell, 0) & bit) !== 0 || (Atomics.or(this.cell, 0, bit) & bit) !== 0) return false;
    this.tell();
    return true;
  }

  /** No flag is set any more: as after a boot, which is the only thing that does it to a kernel. */
  clear(): void {
    Atomics.store(this.cell, 0, 0);
    this.tell();
  }

  /** Calls back after each change that was made through this object, not by another thread; the returned function ends that. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
