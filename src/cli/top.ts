/**
 * `fwctl-emu top`: the counters of an emulator that runs, live in a terminal, by the control socket. No call is traced
 * for it. Elsewhere than on a terminal the frames are plain text, one below the other.
 */
import { ControlFailure, callMethod, socketPath } from '../control/client.ts';
import type { Method } from '../control/method.ts';
import { METHODS } from '../control/methods.ts';
import type { StatsAnswer } from '../control/stats-answer.ts';
import { CliError } from '../host/config/cli-error.ts';
import { plainText } from '../host/config/plain-text.ts';
import type { FaultStatus } from '../host/interceptors/faults/plan.ts';
import { type Reading, topFrame } from './top-frame.ts';

export interface TopOptions {
  readonly socket?: string;
  /** Seconds between two frames. */
  readonly interval: number;
  /** So many frames; undefined: until it is ended. */
  readonly count?: number;
  readonly filter?: string;
}

/** The terminal, or what a test has for one. */
export interface TopScreen {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: {
    readonly isTTY?: boolean;
    readonly rows?: number;
    readonly columns?: number;
    write(text: string): unknown;
  };
  readonly input: NodeJS.ReadStream;
}

/** Another screen, whose cursor is hidden; and back. */
const [ENTER, LEAVE] = ['\x1b[?1049h\x1b[?25l', '\x1b[?25h\x1b[?1049l'];
const [HOME, CLEAR_LINE, CLEAR_BELOW] = ['\x1b[H', '\x1b[K', '\x1b[J'];

const KEYS = 'q quit   / filter   r release what is held   space pause';

/** The exit status. Throws CliError where no emulator answers; one that ends while it is watched ends it too. */
export async function top(options: TopOptions, screen: TopScreen): Promise<number> {
  const view = new TopView(options, screen);
  try {
    return await view.run();
  } finally {
    view.close();
  }
}

class TopView {
  private readonly options: TopOptions;
  private readonly screen: TopScreen;
  private readonly socket: string;
  private readonly live: boolean;
  private now: Reading | undefined;
  private before: Reading | undefined;
  private filter: string;
  private typing = false;
  private paused = false;
  private said = '';
  private ended = false;
  private wake: () => void = () => {};
  private readonly onKey = (text: Buffer) => void this.key(text.toString());
  private readonly onSignal = () => this.quit();

  constructor(options: TopOptions, screen: TopScreen) {
    this.options = options;
    this.screen = screen;
    this.socket = socketPath(options.socket, screen.env);
    this.filter = options.filter ?? '';
    this.live = screen.output.isTTY === true;
  }

  async run(): Promise<number> {
    this.now = await this.read();
    this.open();
    for (let frame = 1; !this.ended; frame++) {
      this.draw();
      if (frame === this.options.count) break;
      await this.pause();
      if (this.paused || this.ended) continue;
      try {
        const next = await this.read();
        this.before = this.now;
        this.now = next;
      } catch (error) {
        if (error instanceof CliError) break; // it has ended, as what is watched does
        throw error;
      }
    }
    return 0;
  }

  close(): void {
    if (!this.live) return;
    const { input, output } = this.screen;
    input.off('data', this.onKey);
    if (input.isTTY) input.setRawMode(false);
    input.pause();
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, this.onSignal);
    if (this.now !== undefined) output.write(LEAVE);
  }

  private open(): void {
    if (!this.live) return;
    const { input, output } = this.screen;
    output.write(ENTER);
    if (input.isTTY) {
      input.setRawMode(true);
      input.on('data', this.onKey);
      input.resume();
    }
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, this.onSignal);
  }

  private async read(): Promise<Reading> {
    const [stats, faults] = await Promise.all([this.ask('GET', '/v1/stats'), this.ask('GET', '/v1/faults')]);
    return { stats: stats as StatsAnswer, faults: (faults as { faults: FaultStatus[] }).faults };
  }

  private async ask(http: string, path: string, values: Record<string, number> = {}): Promise<unknown> {
    const method = METHODS.find((one) => one.http === http && one.path === path) as Method;
    try {
      return await callMethod(this.socket, method, values);
    } catch (error) {
      if (error instanceof ControlFailure) throw new CliError(`top: ${error.message}`);
      throw error;
    }
  }

  private draw(): void {
    if (this.now === undefined) return;
    const { output } = this.screen;
    const rows = this.live ? Math.max((output.rows ?? 24) - 1, 4) : undefined;
    const lines = topFrame(this.now, this.before, { filter: this.filter, rows }).map(plainText);
    if (!this.live) {
      output.write(`${lines.join('\n')}\n\n`);
      return;
    }
    const width = output.columns ?? 80;
    const foot = this.typing
      ? `filter: ${this.filter}_`
      : [this.paused ? 'paused' : '', this.said || KEYS].join(' ').trim();
    const shown = lines.map((line) => `${line.slice(0, width)}${CLEAR_LINE}\n`).join('');
    const padding = `${CLEAR_LINE}\n`.repeat(Math.max((rows ?? 0) - lines.length, 0));
    output.write(`${HOME}${shown}${padding}\x1b[7m${foot.slice(0, width)}\x1b[0m${CLEAR_LINE}${CLEAR_BELOW}`);
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.options.interval * 1000);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private quit(): void {
    this.ended = true;
    this.wake();
  }

  private async key(text: string): Promise<void> {
    if (text === '\x03') return this.quit();
    if (this.typing) this.type(text);
    else if (text === 'q') return this.quit();
    else if (text === '/') this.typing = true;
    else if (text === ' ') this.paused = !this.paused;
    else if (text === 'r') await this.release();
    this.draw();
  }

  private type(text: string): void {
    if (text === '\r' || text === '\n') this.typing = false;
    else if (text === '\x1b') [this.typing, this.filter] = [false, ''];
    else if (text === '\x7f') this.filter = this.filter.slice(0, -1);
    else if (/^[ -~]+$/.test(text)) this.filter += text;
  }

  /** Of all faults that hold something. */
  private async release(): Promise<void> {
    const holding = this.now?.faults.filter(({ held }) => held > 0) ?? [];
    let released = 0;
    for (const { id } of holding) {
      const answer = await this.ask('POST', '/v1/faults/{id}/release', { id }).catch(() => ({ released: 0 }));
      released += (answer as { released: number }).released;
    }
    this.said = `${released} held ${released === 1 ? 'answer' : 'answers'} let go`;
    setTimeout(() => {
      this.said = '';
    }, 3000).unref();
  }
}
