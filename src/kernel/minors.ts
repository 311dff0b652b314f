/**
 * Minor numbers of a subsystem: ida_alloc_max() of the kernel, which always gives the lowest free number. A bitmap that several threads
 * may share; 32 numbers at a look, which is right for a few thousand. free-ids.ts is for more.
 */

const WORD_BITS = 32;

/** Elements of the bitmap of so many numbers. */
export function minorWords(count: number): number {
  return Math.ceil(count / WORD_BITS);
}

export class Minors {
  private readonly count: number;
  /** A bit that is set: taken. Only compared and exchanged as a whole word, so that no number is given out twice. */
  private readonly bits: Int32Array;

  /**
   * Numbers 0 to count - 1. `bits`: minorWords(count) elements, zero at first, shared by all threads that were given the same memory;
   * absent: memory of its own.
   */
  constructor(count: number, bits: Int32Array = new Int32Array(minorWords(count))) {
    this.count = count;
    this.bits = bits;
  }

  /**
   * The lowest free number that is at least `from`, now taken; undefined when all are. A number that another thread gives back
   * meanwhile may be passed over.
   */
  allocate(from = 0): number | undefined {
    const { bits, count } = this;
    const start = Math.max(from, 0);
    // Of the first word, only the bits from `start` on.
    let wanted = -1 << (start % WORD_BITS);
    for (let word = Math.floor(start / WORD_BITS); word * WORD_BITS < count; word++) {
      for (;;) {
        const taken = Atomics.load(bits, word);
        const free = ~taken & wanted;
        if (free === 0) break;
        const lowest = free & -free;
        const minor = word * WORD_BITS + (WORD_BITS - 1 - Math.clz32(lowest));
        if (minor >= count) return undefined;
        if (Atomics.compareExchange(bits, word, taken, taken | lowest) === taken) return minor;
      }
      wanted = -1;
    }
    return undefined;
  }

  /** Gives a number back. Throws RangeError when it is not taken: somebody freed it twice. */
  free(minor: number): void {
    const bit = 1 << (minor % WORD_BITS);
    const there = minor >= 0 && minor < this.count;
    if (!there || (Atomics.and(this.bits, Math.floor(minor / WORD_BITS), ~bit) & bit) === 0)
      throw new RangeError(`minor ${minor} is not taken`);
  }
}
