/**
 * A stream to one reader. What one turn of the event loop brings is sent at once after it; what is not taken is kept up
 * to a bound, then dropped and counted, and the reader is told of it when it reads again. Nobody waits for it.
 */
import type { ServerResponse } from 'node:http';
import type { Stream } from './method.ts';

/** Bytes that may wait for a slow reader. */
const CAPACITY = 1024 * 1024;

export class LineStream implements Stream {
  private readonly response: ServerResponse;
  private readonly encoding: 'utf8' | 'latin1';
  private readonly dropped: (count: number) => string;
  private readonly closers: (() => void)[] = [];
  private queue: string[] = [];
  private queued = 0;
  private missed = 0;
  private scheduled: NodeJS.Immediate | undefined;
  private ended = false;
  /** When something first waited that is not taken yet, ms; undefined: nothing waits. */
  private stoppedAt: number | undefined;

  constructor(response: ServerResponse, encoding: 'utf8' | 'latin1', dropped: (count: number) => string) {
    this.response = response;
    this.encoding = encoding;
    this.dropped = dropped;
    response.on('drain', () => {
      this.stoppedAt = undefined;
      this.tellMissed();
    });
  }

  /** For how long the reader has not taken what waits, ms. */
  stoppedMs(): number {
    return this.stoppedAt === undefined ? 0 : performance.now() - this.stoppedAt;
  }

  /** The reader has lost its place: what it has not taken goes too. */
  giveUp(): void {
    this.end();
    this.response.destroy();
  }

  send(text: string): void {
    if (this.ended) return;
    if (this.waiting + text.length > CAPACITY) {
      this.missed++;
      return;
    }
    this.noteMissed();
    this.push(text);
  }

  get waiting(): number {
    return this.queued + this.response.writableLength;
  }

  onClose(close: () => void): void {
    if (this.ended) close();
    else this.closers.push(close);
  }

  end(): void {
    if (this.ended) return;
    this.noteMissed();
    this.flush();
    this.ended = true;
    for (const close of this.closers.splice(0)) close();
    this.response.end();
  }

  private push(text: string): void {
    this.queue.push(text);
    this.queued += text.length;
    this.scheduled ??= setImmediate(() => this.flush());
  }

  private noteMissed(): void {
    if (this.missed === 0) return;
    const count = this.missed;
    this.missed = 0;
    this.push(this.dropped(count));
  }

  /** The reader has caught up: it hears of what it missed even when nothing more happens. */
  private tellMissed(): void {
    if (!this.ended) this.noteMissed();
  }

  private flush(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    if (this.queue.length === 0 || this.response.destroyed) return;
    const text = this.queue.join('');
    this.queue = [];
    this.queued = 0;
    if (!this.response.write(Buffer.from(text, this.encoding))) this.stoppedAt ??= performance.now();
  }
}
