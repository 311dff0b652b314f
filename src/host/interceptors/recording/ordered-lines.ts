/**
 * The lines of a recording in the order in which their calls began: each call has its place from then on, and its line
 * is written when it and all before it are there, so that a slow answer does not change the order.
 */
export class OrderedLines {
  /** Calls that have ended: opens, FWCTL_INFO, RPCs, iommufd's ioctls and closes. */
  exchanges = 0;
  private readonly write: (line: string) => void;
  /** Those that wait for one before them. */
  private readonly waiting = new Map<number, string | undefined>();
  /** Places that have been taken. */
  private places = 0;
  /** Places before it are written. */
  private next = 0;
  private closed = false;

  /** `write` takes each line, without a newline. */
  constructor(write: (line: string) => void) {
    this.write = write;
  }

  take(): number {
    return this.places++;
  }

  /** The line of a place, once; undefined: it was no call. `exchange`: a device's own line is none. */
  fill(place: number, line: string | undefined, exchange: boolean): void {
    if (this.closed) return;
    if (line !== undefined && exchange) this.exchanges++;
    this.waiting.set(place, line);
    while (this.waiting.has(this.next)) {
      const due = this.waiting.get(this.next);
      this.waiting.delete(this.next++);
      if (due !== undefined) this.write(due);
    }
  }

  /** Calls that have not ended are left out. How many those are. */
  close(): number {
    this.closed = true;
    const unanswered = this.places - this.next - this.waiting.size;
    const places = [...this.waiting.keys()].sort((a, b) => a - b);
    for (const place of places) {
      const line = this.waiting.get(place);
      if (line !== undefined) this.write(line);
    }
    this.waiting.clear();
    return unanswered;
  }
}
