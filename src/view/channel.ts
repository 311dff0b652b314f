/**
 * The daemon's end of the stream to view-exec: steps go in, lines come out (native/view-exec.c says which).
 * The daemon sends a batch that ends with `say`, and waits for that before it sends the next one.
 */
import type { Duplex } from 'node:stream';
import { encodeSteps, type Step, step } from './steps.ts';
import { errnoText, stepError, ViewError } from './view-error.ts';

export interface Skipped {
  readonly step: Step;
  /** The errno's name. */
  readonly errno: string;
}

export class Channel {
  /** Optional steps that failed. */
  readonly skipped: Skipped[] = [];
  private readonly stream: Duplex;
  private readonly sent: Step[] = [];
  private rest = '';
  private ended = false;
  private failure: ViewError | undefined;
  private readonly said = new Set<string>();
  private wake: () => void = () => {};

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.setEncoding('latin1');
    stream.on('data', (text: string) => this.receive(text));
    stream.on('end', () => this.end());
    stream.on('error', () => this.end()); // the other end died: as good as its end
  }

  /** Has the steps carried out. Rejects with ViewError when one fails or the other end dies. */
  async run(steps: readonly Step[]): Promise<void> {
    const mark = `at ${this.sent.length + steps.length}`;
    this.send([...steps, step('say', mark)]);
    await this.until(() => this.said.has(mark) || this.ended);
    if (!this.said.has(mark))
      throw this.failure ?? new ViewError('the private view cannot be made: view-exec ended early');
  }

  /**
   * Starts the command, the last `count` arguments of the child; resolves once it runs, or once it is known that it
   * cannot (view-exec has said why).
   */
  async exec(count: number): Promise<void> {
    this.send([step('exec', String(count))]);
    await this.until(() => this.ended);
    if (this.failure !== undefined) throw this.failure;
  }

  /** What the other end has said as `NAME WORD`; undefined: nothing. */
  word(name: string): string | undefined {
    return [...this.said].find((text) => text.startsWith(`${name} `))?.slice(name.length + 1);
  }

  /** Closes the stream: a view-exec that still waits for steps ends. */
  close(): void {
    this.stream.destroy();
    this.end();
  }

  private send(steps: readonly Step[]): void {
    this.sent.push(...steps);
    if (!this.ended) this.stream.write(encodeSteps(steps), 'utf8');
  }

  private async until(done: () => boolean): Promise<void> {
    while (!done() && this.failure === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private receive(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
    this.wake();
  }

  private line(line: string): void {
    const [, word, argument = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (word === 'say') {
      this.said.add(argument);
      return;
    }
    const [number, errno] = argument.split(' ').map(Number);
    const failed = this.sent[number ?? -1];
    if (failed === undefined || errno === undefined) return;
    if (word === 'skip') this.skipped.push({ step: failed, errno: errnoText(errno) });
    else this.failure = stepError(failed, errno);
  }

  private end(): void {
    this.ended = true;
    this.wake();
  }
}
