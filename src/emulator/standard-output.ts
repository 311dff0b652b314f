/**
 * stdout and stderr by write(2) itself: it all arrives, whatever the reader's speed, and a pipe that others share stays
 * as blocking as it was. Node's own streams make it O_NONBLOCK, process.exit() loses what they still hold, and Node
 * looks at process.stderr at the end of every socket. A terminal is left to Node, which opens it anew and waits for it.
 */
import { write } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { RETRY_MS, writeWhole } from '../host/machine/write-whole.ts';
import { loadNative } from '../transport/native.ts';

/** From now on process.stdout and process.stderr write so; made when they are first used. */
export function writeWholeOutput(): void {
  for (const [name, fd] of [
    ['stdout', 1],
    ['stderr', 2],
  ] as const) {
    const nodes = Object.getOwnPropertyDescriptor(process, name)?.get;
    let stream: unknown;
    const get = () => {
      stream ??= isatty(fd) ? nodes?.call(process) : wholeWriter(fd);
      return stream;
    };
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get });
  }
}

function wholeWriter(fd: 1 | 2): Writable {
  let failed = false;
  const stream = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      try {
        if (!failed) writeWhole(fd, chunk);
      } catch (error) {
        failed = true;
        if (fd === 1) lost(error as NodeJS.ErrnoException);
      }
      done();
    },
  });
  return Object.assign(stream, { fd });
}

/** Nobody is to take a part for the whole: not who has seen enough (| head) either, whose pipeline may go on. */
function lost(error: NodeJS.ErrnoException): void {
  process.stderr.write(`fwctl-emu: ${notWhole(error)}\n`);
  process.exitCode = 1;
}

/** What to say of stdout that could not be written. */
export function notWhole({ code, message }: NodeJS.ErrnoException): string {
  return `the output is not whole: ${code === 'EPIPE' ? 'its reader has gone (EPIPE)' : message}`;
}

/** writeWhole, while the event loop, and with it the handlers of signals, go on. */
export async function writeBeside(fd: number, data: Uint8Array): Promise<void> {
  for (let rest = data; rest.length > 0; ) {
    const written = await new Promise<number>((resolve, reject) => {
      write(fd, rest, 0, rest.length, null, (error, count) => {
        if (error === null) resolve(count);
        else if (error.code === 'EAGAIN') setTimeout(resolve, RETRY_MS, 0);
        else reject(error);
      });
    });
    rest = rest.subarray(written);
  }
}

/**
 * process.exit() waits for libuv's threads, and one that is in write(2) to a reader that has stopped never ends. From
 * now on it does not wait. (reallyExit is what process.exit() ends with.)
 */
export function exitPastThreads(): void {
  const { exit } = loadNative();
  Object.assign(process, { reallyExit: (status: unknown) => exit(Number(status ?? process.exitCode ?? 0)) });
}
