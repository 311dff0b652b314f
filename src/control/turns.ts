/** Requests that plug devices take turns: each finds the machine as the one before has left it, whole. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Begins when all before have ended, however that was. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => {});
    return done;
  }
}
