/**
 * A lock that is held as long as an answer is: who comes meanwhile waits, in the order of coming. The core is
 * synchronous, so that only a firmware that answers late makes anybody wait.
 */
import { afterwards, Held } from '../abi/held.ts';

export class Mutex {
  /** The answer of the last who has come; undefined: nobody is there. */
  private last: Held<unknown> | undefined;

  /** `work` now, or after all before it. */
  run<T>(work: () => T | Held<T>): T | Held<T> {
    const { last } = this;
    const answer = last === undefined ? work() : undefined;
    if (last === undefined && !(answer instanceof Held)) return answer as T;
    const turn = new Held<undefined>();
    const passed = new Held<T>();
    this.last = turn;
    const mine = last === undefined ? (answer as Held<T>) : afterwards(last as Held<unknown>, work);
    mine.onRelease(() => {
      passed.release(() => mine.get());
      if (this.last === turn) this.last = undefined;
      turn.release(() => undefined);
    });
    return passed;
  }
}
