/**
 * The lines of a recording in the order in which their calls began: each call has its place from then on, and its line
 * is written when it and all before it are there, so that a slow answer does not change the order.
 */

/** Takes what has ended behind calls that have not, for a process that may be killed before they do. */
export interface LinesAhead {
  /** One more, behind the others. */
  add(line: string): void;
  /** What is ahead now, in order, after the lines that were written since. */
  replace(lines: readonly string[]): void;
}

export class OrderedLines {
  /** Calls that have ended: opens, FWCTL_INFO, RPCs, iommufd's ioctls and closes. */
  exchanges = 0;
  private readonly write: (line: string) => void;
  private readonly ahead: LinesAhead | undefined;
  /** Those that wait for one before them. */
  private readonly waiting = new Map<number, string | undefined>();
  /** The last place of those. */
  private lastWaiting = -1;
  /** Places that have been taken. */
  private places = 0;
  /** Places before it are written. */
  private next = 0;
  private closed = false;

  /** `write` takes each line, without a newline. */
  constructor(write: (line: string) => void, ahead?: LinesAhead) {
    this.write = write;
    this.ahead = ahead;
  }

  take(): number {
    return this.places++;
  }

  /** The line of a place, once; undefined: it was no call. `exchange`: a device's own line is none. */
  fill(place: number, line: string | undefined, exchange: boolean): void {
    if (this.closed) return;
    if (line !== undefined && exchange) this.exchanges++;
    const behind = this.waiting.size > 0;
    if (place === this.next) {
      this.next++;
      if (line !== undefined) this.write(line);
      if (!behind) return;
      this.writeDue();
      this.ahead?.replace(this.linesAhead());
      return;
    }
    this.waiting.set(place, line);
    const last = place > this.lastWaiting;
    if (last) this.lastWaiting = place;
    if (line === undefined) return;
    if (last) this.ahead?.add(line);
    else this.ahead?.replace(this.linesAhead());
  }

  private writeDue(): void {
    while (this.waiting.has(this.next)) {
      const due = this.waiting.get(this.next);
      this.waiting.delete(this.next++);
      if (due !== undefined) this.write(due);
    }
  }

  private linesAhead(): string[] {
    const places = [...this.waiting].sort(([a], [b]) => a - b);
    return places.flatMap(([, line]) => line ?? []);
  }

  /** Calls that have not ended are left out. How many those are. */
  close(): number {
    this.closed = true;
    const unanswered = this.places - this.next - this.waiting.size;
    for (const line of this.linesAhead()) this.write(line);
    if (this.waiting.size > 0) this.ahead?.replace([]);
    this.waiting.clear();
    return unanswered;
  }
}
