/**
 * Events to one page, live, as server-sent events (HTML Living Standard, 9.2). It reads the history at its own pace: a
 * page that is slow falls behind and is told how many events had gone when it came to them; no call waits for it.
 */
import type { PastEvents } from '../../host/interceptors/trace/past-events.ts';
import type { Stream } from '../method.ts';
import { Shapes } from './shapes.ts';

/** Between two looks, ms; and how long one may take while calls wait for it, ms. */
const LOOK_MS = 100;
const SLICE_MS = 3;
/** Rows of one message. */
const MOST_ROWS = 500;
/** What a page may leave untaken before it is given no more. */
const MOST_WAITING = 256 * 1024;

export class EventFeed {
  private readonly past: PastEvents;
  private readonly stream: Stream;
  private readonly shapes: Shapes;
  private readonly status: () => object;
  private next: number;
  private lastStatus = '';
  private timer: NodeJS.Timeout | undefined;

  /** `status`: what else a page shows live, told when it has changed. */
  constructor(past: PastEvents, stream: Stream, from: number, status: () => object) {
    this.past = past;
    this.stream = stream;
    this.shapes = new Shapes(past);
    this.next = from;
    this.status = status;
  }

  start(): void {
    this.look();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    const { ring } = this.past.history;
    let behind = false;
    if (this.stream.waiting < MOST_WAITING) {
      const lost = Math.max(ring.first - this.next, 0);
      this.next += lost;
      const rows: number[] = [];
      const until = performance.now() + SLICE_MS;
      while (this.next < ring.next && rows.length < MOST_ROWS * 4 && performance.now() < until) {
        const row = this.shapes.row(this.next++);
        if (row !== undefined) rows.push(...row);
      }
      behind = this.next < ring.next;
      if (rows.length > 0 || lost > 0) {
        const shapes = this.shapes.takeFresh();
        this.send('rows', JSON.stringify({ lost, shapes, rows, behind }));
      }
      const status = JSON.stringify(this.status());
      if (status !== this.lastStatus) this.send('status', status);
      this.lastStatus = status;
    }
    this.timer = setTimeout(() => this.look(), behind ? 1 : LOOK_MS);
  }

  private send(event: string, data: string): void {
    this.stream.send(`event: ${event}\ndata: ${data}\n\n`);
  }
}
