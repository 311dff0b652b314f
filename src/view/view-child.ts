/** The child process of a view: view-exec first, the command from `exec` on. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { Channel } from './channel.ts';
import { errnoText, ViewError } from './view-error.ts';
import type { ViewNative } from './view-native.ts';

export type Stdio = 'ignore' | 'inherit' | 'pipe';

/** How a command ended: an exit code, or the name of a signal; one of the two is null. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ViewChild {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<Ending>;
  readonly channel: Channel;
  /** The descriptor that a step sent; call it once the step is known to be done. The caller owns it. */
  takeDescriptor(): number;
  /** Closes the daemon's ends. A view-exec that still waits for steps ends by that. */
  close(): void;
}

export interface ChildOptions {
  readonly native: ViewNative;
  readonly viewExec: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: readonly [Stdio, Stdio, Stdio];
}

/** Starts view-exec. Rejects with ViewError when it cannot be started; then nothing is left open. */
export async function startChild({ native, viewExec, command, env, stdio }: ChildOptions): Promise<ViewChild> {
  const pair = native.socketPair();
  if (typeof pair === 'number') throw new ViewError(`socketpair: ${errnoText(-pair)}`);
  const [ours, theirs] = pair;
  const fds: StdioOptions = [...stdio, 'pipe', theirs]; // the numbers that view-exec.c knows
  const child = spawn(viewExec, command, { stdio: fds, env });
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
  const channel = new Channel(child.stdio[3] as Duplex);
  return {
    process: child,
    pid: child.pid as number,
    exited,
    channel,
    takeDescriptor() {
      const message = native.receiveMessage(ours);
      if (typeof message === 'number') throw new ViewError(`no descriptor came: ${errnoText(-message)}`);
      if (message.fd < 0) throw new ViewError('no descriptor came');
      return message.fd;
    },
    close() {
      channel.close();
      closeSync(ours);
    },
  };
}
