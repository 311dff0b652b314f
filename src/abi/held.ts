/**
 * An answer not given yet: slow or hung firmware, a delayed fault, an unplug that waits. The core stays synchronous, as
 * the ioctl is; held is the value on its way back, while the transport lets the caller wait. One listener: who in
 * between hears of the end (trace, counters, locks) hands on its own Held. Settles once; never rejects (`get` throws).
 */
export class Held<T> {
  private produce: (() => T) | undefined;
  private listener: (() => void) | undefined;

  /** Lets the answer go. `produce` runs when the transport collects it, and may throw what the call would throw. */
  release(produce: () => T): void {
    if (this.produce !== undefined) return;
    this.produce = produce;
    this.listener?.();
  }

  get released(): boolean {
    return this.produce !== undefined;
  }

  /** The answer; to be called once, after `released`. */
  get(): T {
    if (this.produce === undefined) throw new Error('Held.get: not released yet');
    return this.produce();
  }

  /** Called once on release (at once when already released). One listener. */
  onRelease(listener: () => void): void {
    if (this.listener !== undefined) throw new Error('Held.onRelease: there is a listener already');
    this.listener = listener;
    if (this.released) listener();
  }

  /** The same held answer, with `next` applied when it is collected. */
  map<U>(next: (value: T) => U): Held<U> {
    const mapped = new Held<U>();
    this.onRelease(() => mapped.release(() => next(this.get())));
    return mapped;
  }
}

/** The answer of what follows `first`: `next` begins as soon as that is there. */
export function afterwards<T, U>(first: Held<T>, next: (value: T) => U | Held<U>): Held<U> {
  const last = new Held<U>();
  first.onRelease(() => {
    try {
      const answer = next(first.get());
      if (answer instanceof Held) answer.onRelease(() => last.release(() => answer.get()));
      else last.release(() => answer);
    } catch (error) {
      last.release(() => {
        throw error;
      });
    }
  });
  return last;
}

/** `next(answer)` now, or when a held answer is let go. */
export function whenReleased<T, U>(answer: T | Held<T>, next: (value: T) => U): U | Held<U> {
  return answer instanceof Held ? answer.map(next) : next(answer);
}
