/**
 * Where trace lines go: a file, stderr. A sink neither waits nor throws: lines that a slow reader does not take are
 * kept up to a bound, then dropped and counted; a reader that is gone ends the trace alone. Only its end waits.
 */
import { closeSync, write, writeSync } from 'node:fs';
import type { TraceDescriptor } from './trace-descriptor.ts';

export interface DescriptorSinkOptions {
  /** Bytes that may wait for a slow reader. Default 4 MiB. */
  readonly capacity?: number;
  /** How strings become bytes; `latin1` for a format that is not text. Default utf8. */
  readonly encoding?: 'utf8' | 'latin1';
  /** What ends each `write`. Default a newline. */
  readonly terminator?: string;
  /** Written at once, where the descriptor takes it. Default: after the turn. */
  readonly eager?: boolean;
  /** The line that tells a slow reader what it missed. */
  readonly dropped: (count: number) => string;
  /** The trace has ended early; called once at the most. */
  readonly failed: (error: NodeJS.ErrnoException) => void;
  /** At the end, if it has come too early: how many writes are missing, at most. */
  readonly lost?: (count: number) => void;
}

/** Between two attempts to write to a reader that does not read, ms. */
const RETRY_MS = 20;
/** The most that one write(2) which may block is given: a pipe's usual size. */
const PIECE = 65_536;

/**
 * Writes to a descriptor, and closes its own at the end. What one turn of the event loop brings is written in one go
 * after it: no answer waits for its trace. What may block is written on a thread of libuv, one write at a time.
 */
export class DescriptorSink {
  private readonly to: TraceDescriptor;
  private readonly options: DescriptorSinkOptions;
  private readonly capacity: number;
  /** Lines to be written, each with its newline. */
  private queue: string[] = [];
  private queuedBytes = 0;
  /** Calls of write() in the queue, in `rest`, and after the end. */
  private queued = 0;
  private begun = 0;
  private lost = 0;
  /** What a partial write left of an earlier batch. */
  private rest: Buffer | undefined;
  private droppedCount = 0;
  private scheduled: NodeJS.Immediate | undefined;
  private retry: NodeJS.Timeout | undefined;
  /** A thread is in write(2). */
  private writing = false;
  private ended = false;
  /** Set by close(). */
  private closing: { readonly done: Promise<void>; readonly finish: () => void } | undefined;
  private limit: NodeJS.Timeout | undefined;

  constructor(to: TraceDescriptor, options: DescriptorSinkOptions) {
    this.to = to;
    this.options = options;
    this.capacity = options.capacity ?? 4 * 1024 * 1024;
  }

  /** One or more lines, joined by newlines, without one at the end. */
  write(lines: string): void {
    if (this.ended) this.lost++;
    if (this.ended || this.closing !== undefined) return;
    if (this.queuedBytes + (this.rest?.length ?? 0) + lines.length > this.capacity) {
      this.droppedCount++;
      return;
    }
    this.noteDropped();
    const { terminator = '\n' } = this.options;
    this.queue.push(lines, terminator);
    this.queued++;
    this.queuedBytes += lines.length + terminator.length;
    if (this.retry !== undefined) return;
    if (this.options.eager) this.flush();
    else this.scheduled ??= setImmediate(() => this.flush());
  }

  /** Resolves when all is written, the reader is gone, or takes nothing for `limitMs`; it waits for one that lives. */
  close(limitMs?: number): Promise<void> {
    if (this.closing === undefined) {
      let finish = () => {};
      const done = new Promise<void>((resolve) => {
        finish = resolve;
      });
      this.closing = { done, finish };
      if (this.ended) this.finish();
      else {
        if (limitMs !== undefined) this.limit = setTimeout(() => this.end(), limitMs);
        this.flush();
      }
    }
    return this.closing.done;
  }

  private noteDropped(): void {
    if (this.droppedCount === 0) return;
    const line = this.options.dropped(this.droppedCount) + (this.options.terminator ?? '\n');
    this.droppedCount = 0;
    this.queue.push(line);
    this.queuedBytes += line.length;
  }

  private flush(): void {
    clearImmediate(this.scheduled);
    clearTimeout(this.retry);
    this.scheduled = undefined;
    this.retry = undefined;
    if (this.to.blocks) {
      this.writeBeside();
      return;
    }
    try {
      for (let bytes = this.next(); bytes !== undefined; bytes = this.next()) {
        this.taken(writeSync(this.to.fd, bytes));
      }
    } catch (error) {
      this.refused(error as NodeJS.ErrnoException);
    }
  }

  private writeBeside(): void {
    if (this.writing) return;
    const bytes = this.next();
    if (bytes === undefined) return;
    this.writing = true;
    write(this.to.fd, bytes, 0, Math.min(bytes.length, PIECE), null, (error, count) => {
      this.writing = false;
      if (this.ended) return;
      if (error !== null) return this.refused(error);
      this.taken(count);
      this.writeBeside();
    });
  }

  /** What is to be written; undefined: all is. */
  private next(): Buffer | undefined {
    if (this.rest === undefined) {
      this.noteDropped();
      if (this.queue.length > 0) this.rest = Buffer.from(this.queue.join(''), this.options.encoding ?? 'utf8');
      else if (this.closing !== undefined) this.end();
      this.begun = this.queued;
      this.queued = 0;
      this.queue = [];
      this.queuedBytes = 0;
    }
    return this.rest;
  }

  private taken(count: number): void {
    if (this.rest !== undefined) this.rest = count < this.rest.length ? this.rest.subarray(count) : undefined;
    this.limit?.refresh();
  }

  private refused(error: NodeJS.ErrnoException): void {
    if (error.code === 'EAGAIN') {
      this.retry = setTimeout(() => this.flush(), RETRY_MS);
      // Until close() nobody waits for it.
      if (this.closing === undefined) this.retry.unref();
      return;
    }
    this.end();
    this.options.failed(error);
  }

  private end(): void {
    this.ended = true;
    clearImmediate(this.scheduled);
    clearTimeout(this.retry);
    clearTimeout(this.limit);
    this.lost = this.queued + (this.rest === undefined ? 0 : this.begun);
    this.queue = [];
    this.rest = undefined;
    try {
      if (this.to.own) closeSync(this.to.fd);
    } catch {
      // Nothing is lost by a descriptor that will not close.
    }
    this.finish();
  }

  /** Once close() was called, and it has ended. */
  private finish(): void {
    if (this.closing === undefined) return;
    if (this.lost > 0) this.options.lost?.(this.lost);
    this.closing.finish();
  }
}
