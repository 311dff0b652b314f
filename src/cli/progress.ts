/** A line on the terminal that says how far a long work is, written over and taken away; nothing anywhere else. */

/** Between two writes, ms. */
const OFTEN_ENOUGH = 100;
/** Cursor to the line's start, and the rest of it cleared. */
const CLEAR = '\r\x1b[K';

export interface Progress {
  /** In place of what stood there; seldom enough for a slow terminal. */
  show(text: string): void;
  /** A line that stays, above it. */
  line(text: string): void;
  /** Takes it away. */
  end(): void;
}

export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Undefined where stderr is no terminal. */
export function terminalProgress(
  output: ProgressOutput = process.stderr,
  now: () => number = () => performance.now(),
): Progress | undefined {
  if (output.isTTY !== true) return undefined;
  let shown = '';
  let next = 0;
  const write = () => output.write(`${CLEAR}${shown.slice(0, (output.columns ?? 80) - 1)}`);
  return {
    show(text) {
      shown = text;
      if (now() < next) return;
      next = now() + OFTEN_ENOUGH;
      write();
    },
    line(text) {
      output.write(`${CLEAR}${text}\n`);
      write();
    },
    end() {
      output.write(CLEAR);
      shown = '';
    },
  };
}
