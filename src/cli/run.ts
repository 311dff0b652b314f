/** `fwctl-emu run`: one command in a private view, its signals and its exit status passed through. */
import { closeSync, openSync } from 'node:fs';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import { exitStatus, RUN_SIGNALS } from '../serve/signals.ts';
import type { RunParts, View, ViewRequest } from './parts.ts';

/** Where signals come from; `process`, or a test's emitter. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown;
  off(name: NodeJS.Signals, listener: () => void): unknown;
}

/** Told to a Node process that has started us with an IPC channel: whatever the status, it is the command's. */
export const STARTED = 'started';

/** Runs the command to its end; its exit status. */
export async function runCommand(
  request: ViewRequest,
  parts: RunParts,
  signals: SignalSource = process,
): Promise<number> {
  const { startView, hasTerminal, log } = parts;
  const passing = passSignals(signals, hasTerminal());
  let view: View | undefined;
  try {
    view = await startView(request);
    passing.to(view);
    process.send?.(STARTED);
    const { code, signal } = await view.exited.catch((error: unknown) => {
      throw startError(error, request.command[0] ?? '');
    });
    log.debug('the command ended', { code, signal });
    return exitStatus(code, signal);
  } finally {
    await view?.close();
    passing.stop();
  }
}

/** Signals that come before there is a view wait for it: a SIGTERM at start must not be lost. */
function passSignals(signals: SignalSource, terminal: boolean): { to(view: View): void; stop(): void } {
  let view: View | undefined;
  const waiting: NodeJS.Signals[] = [];
  const listeners = RUN_SIGNALS.map(({ name, rule }) => {
    const listener = () => {
      if (rule === 'unless-terminal' && terminal) return;
      if (view) view.signal(name);
      else waiting.push(name);
    };
    signals.on(name, listener);
    return { name, listener };
  });
  return {
    to(started) {
      view = started;
      for (const name of waiting.splice(0)) view.signal(name);
    },
    stop() {
      for (const { name, listener } of listeners.splice(0)) signals.off(name, listener);
    },
  };
}

/** The kernel's refusal to start the program, as a shell would put it; every other error stays what it is. */
function startError(error: unknown, name: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new CliError(`run: ${name}: not found, or its interpreter is not`, EXIT.notFound);
  if (code === 'EACCES') return new CliError(`run: ${name}: permission denied`, EXIT.notExecutable);
  if (code === 'ENOEXEC')
    return new CliError(`run: ${name}: not a program that this machine can start`, EXIT.notExecutable);
  return error;
}

/** open("/dev/tty") succeeds exactly for a process that has a controlling terminal: tty(4). */
export function hasControllingTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
