/**
 * Minor numbers of a subsystem: ida_alloc_max() of the kernel, which always gives the lowest free number. A look at
 * each number in turn, which is right for a few thousand; free-ids.ts is for more.
 */

export class Minors {
  /** How many numbers there are: 0 .. limit - 1. */
  readonly limit: number;
  private readonly taken: Uint8Array;
  /** No free number is lower than this. */
  private lowest = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.taken = new Uint8Array(limit);
  }

  /** The lowest free number that is at least `from`, now taken; undefined when all are. */
  allocate(from = 0): number | undefined {
    const minor = this.taken.indexOf(0, Math.max(from, this.lowest));
    if (minor < 0) return undefined;
    this.taken[minor] = 1;
    if (from <= this.lowest) this.lowest = minor + 1;
    return minor;
  }

  /** Gives a number back. Throws RangeError when it is not taken: somebody freed it twice. */
  free(minor: number): void {
    if (this.taken[minor] !== 1) throw new RangeError(`minor ${minor} is not taken`);
    this.taken[minor] = 0;
    if (minor < this.lowest) this.lowest = minor;
  }
}
