/**
 * An answer that is not given yet: a slow or hung firmware, a fault with a delay, an unplug that waits.
 * The core stays synchronous, as the ioctl is; what is held is the value on its way back. The transport keeps the
 * caller waiting; a layer between that is told of the end too (trace, counters, locks) hands on a Held of its own, as
 * there is one listener. Settles once; never rejects (a failure is thrown when the answer is collected with `get`).
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

/** `next(answer)` now, or when a held answer is let go. */
export function whenReleased<T, U>(answer: T | Held<T>, next: (value: T) => U): U | Held<U> {
  return answer instanceof Held ? answer.map(next) : next(answer);
}
