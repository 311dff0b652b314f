/** What `run` needs from the layers below, as interfaces: tests put fakes behind them, run-parts.ts the real ones. */
import type { Log } from '../host/machine/log.ts';
import type { TransportChoice } from '../serve/parts.ts';
import type { WaitingChild } from '../view/waiting-child.ts';

export interface ViewRequest {
  /** Program and arguments; the program is a path or is found by PATH. */
  readonly command: readonly string[];
  readonly transport: TransportChoice;
  /** The command keeps its uid instead of seeing 0 (rootless only). */
  readonly mapCurrentUser: boolean;
  /** By notification: look at each ioctl's descriptor, however soon after the last. */
  readonly verifyDescriptors?: boolean;
  /** Set in the environment that the command inherits. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The launcher's child, which becomes the command; undefined: one is started. */
  readonly waiting?: WaitingChild | undefined;
  /** Called with a child for one more command. */
  readonly another?: ((child: WaitingChild) => void) | undefined;
}

/** How a command ended: one of the two is null. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A command in its private view of the machine: view/view.ts. */
export interface View {
  /** Rejects with an error that has `code` (ENOENT, EACCES, ENOEXEC) when the command could not be started. */
  readonly exited: Promise<CommandEnd>;
  /** Sends a signal to the command; nothing after its end. */
  signal(name: NodeJS.Signals): void;
  /** Ends the view with all that is in it. A second call does nothing. */
  close(): void | Promise<void>;
}

export interface RunParts {
  /** Throws an Error that says what this machine does not allow. */
  startView(request: ViewRequest): Promise<View>;
  /** Whether this process has a controlling terminal, which sends SIGINT and SIGQUIT to the command itself. */
  hasTerminal(): boolean;
  readonly log: Log;
}
