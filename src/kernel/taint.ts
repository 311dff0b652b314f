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
  private mask = 0;
  private readonly listeners = new Set<() => void>();

  /** The value of /proc/sys/kernel/tainted. */
  get value(): number {
    return this.mask;
  }

  /** Sets the flag; true when it was not set before. */
  add(flag: TaintFlag): boolean {
    const bit = 2 ** flag.bit;
    if ((this.mask & bit) !== 0) return false;
    this.mask += bit;
    this.tell();
    return true;
  }

  /** No flag is set any more: as after a boot, which is the only thing that does it to a kernel. */
  clear(): void {
    this.mask = 0;
    this.tell();
  }

  /** Calls back after each change; the returned function ends that. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
