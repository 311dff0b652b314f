/** What `run` does with each signal that it may be sent: the command is to get it, exactly once. */
import { constants } from 'node:os';

export type SignalRule = 'forward' | 'unless-terminal';

/**
 * `unless-terminal`: a terminal sends these to its whole foreground process group, the command included, so we only
 * stay alive; without a controlling terminal nobody else passes them on.
 */
export const RUN_SIGNALS: readonly { readonly name: NodeJS.Signals; readonly rule: SignalRule }[] = [
  { name: 'SIGINT', rule: 'unless-terminal' },
  { name: 'SIGQUIT', rule: 'unless-terminal' },
  { name: 'SIGTERM', rule: 'forward' },
  { name: 'SIGHUP', rule: 'forward' },
  { name: 'SIGUSR1', rule: 'forward' },
  { name: 'SIGUSR2', rule: 'forward' },
  // What timers, limits and service managers send to a process that they know: us.
  { name: 'SIGALRM', rule: 'forward' },
  { name: 'SIGVTALRM', rule: 'forward' },
  { name: 'SIGXCPU', rule: 'forward' },
  { name: 'SIGPWR', rule: 'forward' },
  { name: 'SIGIO', rule: 'forward' },
  { name: 'SIGURG', rule: 'forward' },
  { name: 'SIGCONT', rule: 'forward' },
  { name: 'SIGWINCH', rule: 'unless-terminal' },
];

/** Signals that end `serve`, cleanly. */
export const SERVE_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/** The exit status of a command as shells report it: its own, or 128 + n for signal n. */
export function exitStatus(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal !== null) return 128 + constants.signals[signal];
  return code ?? 1;
}

/** Signals that are to end the command of `run`. */
const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'];

/** Calls `free` with each signal that is to end the command: held in an ioctl, it cannot. Returns what stops this. */
export function freeHeldAtSignals(free: () => void): () => void {
  for (const name of ENDING) process.on(name, free);
  return () => {
    for (const name of ENDING) process.off(name, free);
  };
}
