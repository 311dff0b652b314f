/** Which of the calls that a fault matches it strikes at: by their number, by chance from a seed, at most so often. */
import { seededRandom } from './random.ts';
import type { FaultWhen } from './spec.ts';

export class Schedule {
  private readonly when: FaultWhen;
  private readonly random: () => number;
  /** Matching calls so far, and those that were struck. */
  calls = 0;
  strikes = 0;

  constructor(when: FaultWhen) {
    this.when = when;
    this.random = seededRandom(when.seed);
  }

  /** One more matching call: is it struck? */
  next(): boolean {
    const { first, step, last, probability, count } = this.when;
    const call = ++this.calls;
    if (call < first || call > last || (call - first) % step !== 0) return false;
    // Thrown for each call that is due, so that a limit by count does not shift what chance decides.
    if (probability < 1 && this.random() >= probability) return false;
    if (this.strikes >= count) return false;
    this.strikes++;
    return true;
  }
}
