/**
 * The lines of a recording in the order in which their calls began: each call has its place from then on, and its line is written when it and
 * all before it are there, so that a slow answer does not change the order.
 */
import { RECORDING_VERSION, type RecordingHead } from './format.ts';
import { type RecordingCells, recordingCells } from './recording-cells.ts';

/** What a Recorder writes to. */
export interface Lines {
  /** Names of fields that are not kept. */
  readonly masked: readonly string[];
  readonly cells: RecordingCells;
  /** The line of a place, once; undefined: it was no call. `exchange`: a device's own line is none. */
  fill(place: number, line: string | undefined, exchange: boolean): void;
}

export class OrderedLines implements Lines {
  readonly masked: readonly string[];
  readonly cells: RecordingCells;
  /** Calls that have ended: opens, FWCTL_INFO, RPCs, iommufd's ioctls and closes. */
  exchanges = 0;
  private readonly write: (line: string) => void;
  /** Those that wait for one before them. */
  private readonly waiting = new Map<number, string | undefined>();
  /** Places before it are written. */
  private next = 0;
  private closed = false;

  /** `write` takes each line, without a newline; the head at once. */
  constructor(write: (line: string) => void, masked: readonly string[] = []) {
    this.write = write;
    this.masked = masked;
    this.cells = recordingCells(masked);
    const head: RecordingHead = { fwctl_emu_recording: RECORDING_VERSION, masked };
    write(JSON.stringify(head));
  }

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

  /** Masked names that nothing recorded has had. */
  get unmet(): readonly string[] {
    return this.masked.filter((_, i) => Atomics.load(this.cells.met, i) === 0);
  }

  /** Calls that have not ended are left out. How many those are. */
  close(): number {
    this.closed = true;
    const unanswered = Atomics.load(this.cells.places, 0) - this.next - this.waiting.size;
    const places = [...this.waiting.keys()].sort((a, b) => a - b);
    for (const place of places) {
      const line = this.waiting.get(place);
      if (line !== undefined) this.write(line);
    }
    this.waiting.clear();
    return unanswered;
  }
}
