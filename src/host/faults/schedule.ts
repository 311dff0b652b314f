/**
 * Which of the calls that a fault matches it strikes at: by their number, by chance from a seed, at most so often. What it counts may be
 * shared by threads: together they strike as one would, whichever of them makes the call.
 */
import { seededRandom } from './random.ts';
import type { FaultWhen } from './spec.ts';

/** What the cells hold: matching calls so far, those that were struck, and the random sequence. */
const CALLS = 0;
const STRIKES = 1;
const DRAWN = 2;
export const SCHEDULE_CELLS = 3;

export class Schedule {
  private readonly when: FaultWhen;
  private readonly cells: BigInt64Array;
  private readonly random: () => number;

  /** `cells`: SCHEDULE_CELLS elements, zero before the first call of any thread and left as they are here; absent: memory of its own. */
  constructor(when: FaultWhen, cells: BigInt64Array = new BigInt64Array(SCHEDULE_CELLS)) {
    this.when = when;
    this.cells = cells;
    this.random = seededRandom(when.seed, cells.subarray(DRAWN));
  }

  /** Matching calls so far. */
  get calls(): number {
    return Number(Atomics.load(this.cells, CALLS));
  }

  /** Those of them that were struck. */
  get strikes(): number {
    return Number(Atomics.load(this.cells, STRIKES));
  }

  /** One more matching call: is it struck? */
  next(): boolean {
    const { first, step, last, probability } = this.when;
    const call = Number(Atomics.add(this.cells, CALLS, 1n)) + 1;
    if (call < first || call > last || (call - first) % step !== 0) return false;
    // Thrown for each call that is due, so that a limit by count does not shift what chance decides.
    if (probability < 1 && this.random() >= probability) return false;
    return this.strike();
  }

  /** Counts a strike unless there were enough; another thread may be about to count the last one. */
  private strike(): boolean {
    for (;;) {
      const struck = Atomics.load(this.cells, STRIKES);
      if (struck >= this.when.count) return false;
      if (Atomics.compareExchange(this.cells, STRIKES, struck, struck + 1n) === struck) return true;
    }
  }
}
