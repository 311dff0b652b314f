/**
 * Where trace lines go: a file, stderr. A sink neither waits nor throws: lines that a slow reader does not take are
 * kept up to a bound, then dropped and counted; a reader that is gone ends the trace and nothing else.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

export interface DescriptorSinkOptions {
  /** True: a terminal that wants colour. */
  readonly color: boolean;
  /** Bytes that may wait for a slow reader. Default 4 MiB. */
  readonly capacity?: number;
  /** How strings become bytes; `latin1` for a format that is not text. Default utf8. */
  readonly encoding?: 'utf8' | 'latin1';
  /** What ends each `write`. Default a newline. */
  readonly terminator?: string;
  /** The line that tells a slow reader what it missed. */
  readonly dropped: (count: number) => string;
  /** The trace has ended early; called once at the most. */
  readonly failed: (error: NodeJS.ErrnoException) => void;
}

/** Not ours to close. */
const STDERR = 2;
/** Between two attempts to write to a reader that does not read, ms. */
const RETRY_MS = 20;

/**
 * Writes to a descriptor of its own, which must not block (O_NONBLOCK), and closes it at the end. What one turn of the event
 * loop brings is written in one go after it, so that an answer does not wait for its trace.
 */
export class DescriptorSink {
  /** True: a terminal that wants colour. */
  readonly color: boolean;
  private readonly fd: number;
  private readonly options: DescriptorSinkOptions;
  private readonly capacity: number;
  /** Lines to be written, each with its newline. */
  private queue: string[] = [];
  private queuedBytes = 0;
  /** What a partial write left of an earlier batch. */
  private rest: Buffer | undefined;
  private droppedCount = 0;
  private scheduled: NodeJS.Immediate | undefined;
  private retry: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(fd: number, options: DescriptorSinkOptions) {
    this.fd = fd;
    this.options = options;
    this.color = options.color;
    this.capacity = options.capacity ?? 4 * 1024 * 1024;
  }

  /** One or more lines, joined by newlines, without one at the end. */
  write(lines: string): void {
    if (this.ended) return;
    if (this.queuedBytes + (this.rest?.length ?? 0) + lines.length > this.capacity) {
      this.droppedCount++;
      return;
    }
    this.noteDropped();
    const { terminator = '\n' } = this.options;
    this.queue.push(lines, terminator);
    this.queuedBytes += lines.length + terminator.length;
    if (this.retry === undefined) this.scheduled ??= setImmediate(() => this.flush());
  }

  /** Writes out what can be written at once, and ends. */
  close(): void {
    if (this.ended) return;
    this.flush();
    this.end();
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
    try {
      this.drain();
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      if (failure.code !== 'EAGAIN') {
        this.end();
        this.options.failed(failure);
        return;
      }
      this.retry = setTimeout(() => this.flush(), RETRY_MS).unref();
    }
  }

  /** Throws what write(2) fails with; what was not written stays. */
  private drain(): void {
    for (;;) {
      if (this.rest === undefined) {
        this.noteDropped();
        if (this.queue.length === 0) return;
        this.rest = Buffer.from(this.queue.join(''), this.options.encoding ?? 'utf8');
        this.queue = [];
        this.queuedBytes = 0;
      }
      const written = writeSync(this.fd, this.rest);
      this.rest = written < this.rest.length ? this.rest.subarray(written) : undefined;
    }
  }

  private end(): void {
    this.ended = true;
    clearImmediate(this.scheduled);
    clearTimeout(this.retry);
    this.queue = [];
    this.rest = undefined;
    try {
      if (this.fd !== STDERR) closeSync(this.fd);
    } catch {
      // Nothing is lost by a descriptor that will not close.
    }
  }
}

/**
 * A file, emptied first; or a FIFO, whose reader must be there already (ENXIO otherwise).
 * Throws what open(2) fails with.
 */
export function openTraceFile(path: string): number {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NONBLOCK } = constants;
  return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NONBLOCK, 0o644);
}

/**
 * This process's stderr, opened anew so that O_NONBLOCK is ours alone and not the command's that shares it. Two kinds are fd 2 itself:
 * a regular file (`2>FILE`), which never blocks, and where the command would write over what a position of our own has put at the end;
 * and a socket (journald's, a pipe that Node made), which cannot be opened anew: a reader that stops for good can block it.
 * Throws what open(2) fails with.
 */
export function openTraceStderr(): number {
  if (fstatSync(STDERR).isFile()) return STDERR;
  try {
    return openSync('/proc/self/fd/2', constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return STDERR;
    throw error;
  }
}

/** Colour is for a terminal, and for those who have not set NO_COLOR (no-color.org: present and not empty). */
export function wantsColor(fd: number, env: Readonly<Record<string, string | undefined>>): boolean {
  return isatty(fd) && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
