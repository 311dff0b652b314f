/**
 * The events of a page, in columns, and which of them a filter shows. A filter looks at each shape once, however many
 * events have it. Of more than MOST the oldest go.
 */

import type { TraceEvent } from '../src/host/interceptors/trace/trace-event.ts';
import { compileFilter } from '../src/host/interceptors/trace/trace-filter.ts';
import type { Shape, Status } from './data.ts';

export const MOST = 100_000;
/** Room before the oldest are moved out. */
const ROOM = MOST + 25_000;

/** Between two drawings of what comes by itself, ms: calls may come by the ten thousand a second. */
const PAUSE_MS = 100;

type Fits = (shape: Shape) => boolean;

export class Store {
  /** Microseconds of the epoch; microseconds. */
  readonly times = new Float64Array(ROOM);
  readonly durations = new Float64Array(ROOM);
  readonly numbers = new Float64Array(ROOM);
  private readonly shapeIds = new Int32Array(ROOM);
  private readonly shapes = new Map<number, Shape>();
  private readonly uses = new Map<number, number>();
  length = 0;
  /** Indexes of the events that are shown. */
  readonly shown = new Int32Array(ROOM);
  shownLength = 0;
  /** Events that were gone when the page came to them. */
  lost = 0;
  /** That had gone before the page opened: the history begins behind them. */
  before = 0;
  /** That the page itself has let go. */
  dropped = 0;
  /** More are on their way than were told so far. */
  behind = false;
  status: Status = { faults: [], taint: 0, held: [] };
  connection: 'live' | 'lost' | 'report' = 'live';
  /** Counts changes of anything above. */
  version = 0;
  private fits: Fits | undefined;
  private readonly fitting = new Map<number, boolean>();
  private readonly listeners = new Set<() => void>();
  private waiting = false;
  /** When the listeners were told last. */
  private told = 0;

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells the listeners: once in PAUSE_MS of what comes by itself, with the next frame what the user does. */
  changed(byUser = false): void {
    this.version++;
    if (byUser) this.told = 0;
    if (this.waiting && !byUser) return;
    this.waiting = true;
    const tell = () => {
      this.waiting = false;
      this.told = performance.now();
      for (const listener of this.listeners) listener();
    };
    const late = this.told + (this.behind ? 3 * PAUSE_MS : PAUSE_MS) - performance.now();
    if (late > 0) setTimeout(() => requestAnimationFrame(tell), late);
    else requestAnimationFrame(tell);
  }

  shapeAt(index: number): Shape {
    return this.shapes.get(this.shapeIds[index] ?? -1) ?? NO_SHAPE;
  }

  shapeIdAt(index: number): number {
    return this.shapeIds[index] ?? -1;
  }

  allShapes(): ReadonlyMap<number, Shape> {
    return this.shapes;
  }

  /** Of each shape, how many events have it. */
  usesOf(id: number): number {
    return this.uses.get(id) ?? 0;
  }

  addShapes(shapes: readonly (readonly [number, Shape])[]): void {
    for (const [id, shape] of shapes) this.shapes.set(id, shape);
  }

  /** Four numbers an event: its own, time, duration, shape. */
  addRows(rows: readonly number[]): void {
    for (let i = 0; i + 3 < rows.length; i += 4) {
      if (this.length === ROOM) this.letGo();
      const at = this.length++;
      const id = rows[i + 3] as number;
      this.numbers[at] = rows[i] as number;
      this.times[at] = rows[i + 1] as number;
      this.durations[at] = rows[i + 2] as number;
      this.shapeIds[at] = id;
      this.uses.set(id, (this.uses.get(id) ?? 0) + 1);
      if (this.isFitting(id)) this.shown[this.shownLength++] = at;
    }
    this.changed();
  }

  clear(): void {
    this.length = 0;
    this.shownLength = 0;
    this.lost = 0;
    this.before = 0;
    this.dropped = 0;
    this.uses.clear();
    this.shapes.clear();
    this.fitting.clear();
    this.changed();
  }

  /** Shows the events that fit. Throws FilterError, whose message says where and what would do. */
  setFilter(text: string, statusNames: readonly string[], quick: Fits | undefined): void {
    const compiled = text.trim() === '' ? undefined : compileFilter(text, statusNames);
    const grammar: Fits | undefined = compiled && ((shape) => compiled(asEvent(shape)));
    this.fits = grammar && quick ? (shape) => quick(shape) && grammar(shape) : (grammar ?? quick);
    this.fitting.clear();
    this.findShown();
    this.changed(true);
  }

  /** The index of the event of that number; -1: it is not here. */
  indexOf(number: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.numbers[middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    return low < this.length && this.numbers[low] === number ? low : -1;
  }

  private findShown(): void {
    this.shownLength = 0;
    for (let at = 0; at < this.length; at++)
      if (this.isFitting(this.shapeIds[at] as number)) this.shown[this.shownLength++] = at;
  }

  private isFitting(id: number): boolean {
    const { fits } = this;
    if (fits === undefined) return true;
    let known = this.fitting.get(id);
    if (known === undefined) {
      const shape = this.shapes.get(id);
      known = shape !== undefined && fits(shape);
      this.fitting.set(id, known);
    }
    return known;
  }

  private letGo(): void {
    const gone = ROOM - MOST;
    for (let at = 0; at < gone; at++) {
      const id = this.shapeIds[at] as number;
      const left = (this.uses.get(id) ?? 1) - 1;
      if (left > 0) this.uses.set(id, left);
      else {
        this.uses.delete(id);
        this.fitting.delete(id);
      }
    }
    for (const column of [this.times, this.durations, this.numbers, this.shapeIds]) column.copyWithin(0, gone);
    this.length -= gone;
    this.dropped += gone;
    this.findShown();
  }
}

const NO_SHAPE: Shape = { kind: 'close' };

/** What happens beside calls has no kind that the grammar knows: it is a line of the log to it, as `kind=kmsg`. */
function asEvent(shape: Shape): TraceEvent {
  const kind = shape.kind === 'plug' || shape.kind === 'unplug' || shape.kind === 'strike' ? 'kmsg' : shape.kind;
  return { ...shape, kind } as unknown as TraceEvent;
}
