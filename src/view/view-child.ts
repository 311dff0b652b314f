/** The child process of a view: view-exec first, the command from `exec` on. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import { Channel } from './channel.ts';
import { step } from './steps.ts';
import { errnoText, ViewError } from './view-error.ts';
import type { ViewNative } from './view-native.ts';
import type { WaitingChild } from './waiting-child.ts';

export type Stdio = 'ignore' | 'inherit' | 'pipe';

/** How a command ended: an exit code, or the name of a signal; one of the two is null. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ViewChild {
  readonly pid: number;
  /** Its stderr, where that is a pipe of ours. */
  readonly stderr: Readable | null;
  readonly exited: Promise<Ending>;
  readonly channel: Channel;
  /** Sends a signal; false when it has ended. */
  kill(name: NodeJS.Signals): boolean;
  /** The descriptor that a step sent; call it once the step is known to be done. The caller owns it. */
  takeDescriptor(): number;
  /** Closes the daemon's ends. A view-exec that still waits for steps ends by that. */
  close(): void;
}

export interface ChildOptions {
  readonly native: ViewNative;
  readonly viewExec: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly stdio: readonly [Stdio, Stdio, Stdio];
  /** Taken instead of starting one; `viewExec` and `stdio` do not matter then. */
  readonly waiting?: WaitingChild | undefined;
}

/** The child that waits, or a new view-exec. Rejects with ViewError where it cannot be started; nothing stays open. */
export function startChild(options: ChildOptions): Promise<ViewChild> | ViewChild {
  return options.waiting === undefined ? spawnChild(options) : adoptChild(options.native, options.waiting);
}

async function spawnChild({ native, viewExec, command, stdio }: ChildOptions): Promise<ViewChild> {
  const pair = native.socketPair();
  if (typeof pair === 'number') throw new ViewError(`socketpair: ${errnoText(-pair)}`);
  const [ours, theirs] = pair;
  const fds: StdioOptions = [...stdio, 'pipe', theirs]; // the numbers that view-exec-main.c knows
  const child = spawn(viewExec, command, { stdio: fds });
  closeSync(theirs);
  const exited = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  try {
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  } catch (error) {
    closeSync(ours);
    throw new ViewError(`${viewExec} cannot be started: ${(error as Error).message}`, 'build it with: make build');
  }
  child.on('error', () => {}); // of a later kill(): the child has ended
  const { pid, stderr } = child as ChildProcess & { pid: number };
  const kill = (name: NodeJS.Signals) => child.kill(name);
  return { pid, stderr, exited, kill, ...endsOf(native, child.stdio[3] as Duplex, ours, () => {}) };
}

/** Node does not know it. What else ends is reaped too: orphans fall to the first process of a container. */
function adoptChild(native: ViewNative, { pid, control, descriptors }: WaitingChild): ViewChild {
  let ended = false;
  let stop = () => {};
  const exited = new Promise<Ending>((resolve) => {
    const reap = () => {
      for (let child = native.reapChild(); typeof child !== 'number'; child = native.reapChild()) {
        if (child.pid !== pid) continue;
        ended = true;
        resolve(endingOf(child.status));
      }
    };
    process.on('SIGCHLD', reap);
    stop = () => void process.off('SIGCHLD', reap);
    reap(); // it may have ended already
  });
  const stream = new Socket({ fd: control, readable: true, writable: true });
  const kill = (name: NodeJS.Signals) => !ended && process.kill(pid, name);
  return { pid, stderr: null, exited, kill, ...endsOf(native, stream, descriptors, stop) };
}

function endsOf(
  native: ViewNative,
  stream: Duplex,
  descriptors: number,
  stop: () => void,
): Pick<ViewChild, 'channel' | 'takeDescriptor' | 'close'> {
  const channel = new Channel(stream);
  return {
    channel,
    takeDescriptor() {
      const message = native.receiveMessage(descriptors);
      if (typeof message === 'number') throw new ViewError(`no descriptor came: ${errnoText(-message)}`);
      if (message.fd < 0) throw new ViewError('no descriptor came');
      return message.fd;
    },
    close() {
      stop();
      channel.close();
      closeSync(descriptors);
    },
  };
}

/** Makes the child, from which nothing has been asked yet, leave another one behind for one more command. */
export async function anotherChild(child: ViewChild): Promise<WaitingChild> {
  await child.channel.run([step('another')]);
  return {
    control: child.takeDescriptor(),
    descriptors: child.takeDescriptor(),
    pid: Number(child.channel.word('pid')),
  };
}

/** From what wait(2) says. Realtime signals have no name: their exit code is what shells make of them. */
export function endingOf(status: number): Ending {
  const number = status & 0x7f;
  if (number === 0) return { code: (status >> 8) & 0xff, signal: null };
  const names = Object.entries(constants.signals).find(([, each]) => each === number);
  return names === undefined
    ? { code: 128 + number, signal: null }
    : { code: null, signal: names[0] as NodeJS.Signals };
}
