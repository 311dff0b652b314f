/**
 * What the verbs need from the layers below, as interfaces: tests put fakes behind them, run-parts.ts and
 * serve-parts.ts the real ones.
 * Nothing here is implemented in this file.
 */
import type { AbiProfile } from '../abi/profiles.ts';
import type { FaultSpec } from '../host/interceptors/faults/spec.ts';
import type { DeviceSpec, HostDevice, HostEvent } from '../host/machine/host-device.ts';
import type { LockdownLevel } from '../kernel/lockdown.ts';
import type { Mount } from '../transport/mount-table.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What is emulated. */
export interface Settings {
  readonly abi: AbiProfile;
  readonly devices: readonly DeviceSpec[];
  /** Kernel lockdown; none unless told. */
  readonly lockdown?: LockdownLevel;
  /** Faults from the start on. */
  readonly faults: readonly FaultSpec[];
}

/** The composition of core, drivers and firmware: class Host of host/host.ts. */
export interface HostPart {
  /** Throws an Error that says what is wrong with the device. */
  plug(spec: DeviceSpec): HostDevice;
  devices(): readonly HostDevice[];
  /** The returned function takes the listener off. */
  onChange(listener: (event: HostEvent) => void): () => void;
}

/** A transport in service for all devices of a host, those plugged later included. */
export interface TransportSession {
  /** Resolves with the reason when the service ends without close(): unmounted by somebody else, the fd lost. */
  readonly ended: Promise<string>;
  /**
   * Ends the service now, in the middle of calls too: they get ECONNABORTED, and nodes or mount are gone when it returns (a mount
   * by umount2(MNT_DETACH)). Does not wait for held replies. A second call does nothing.
   */
  close(): void | Promise<void>;
}

/** What a killed or living predecessor's mount answers. */
export type MountAnswer = 'alive' | 'dead' | 'silent';

/** The file system as dev-directory.ts needs it. */
export interface DirectorySystem {
  mountTable(): readonly Mount[];
  /** Asks a mount from a child process, so that a hung one cannot hang us. `silent`: no answer within the limit. */
  askMount(path: string): Promise<MountAnswer>;
  /** umount2(path, MNT_DETACH): 0 or -errno. */
  unmountLazily(path: string): number;
}

export interface ServeParts {
  readonly host: HostPart;
  readonly system: DirectorySystem;
  /** Why /dev/cuse cannot be used (`/dev/cuse: ENOENT`); undefined: it can. */
  cuseRefusal(): string | undefined;
  startCuse(host: HostPart): Promise<TransportSession>;
  /**
   * Mounts on `directory`, which exists and is empty. `apart`: it is not /dev/fwctl, and gets the nodes that would stand elsewhere in /dev
   * too. Throws an Error that says why not.
   */
  startFuse(host: HostPart, directory: string, apart: boolean): Promise<TransportSession>;
  /** Opens the control socket, once the devices are in service; undefined: there is none. */
  openControl?(): Promise<{ finish(): Promise<void>; close(): void } | undefined>;
  /** sd_notify(3): 0, -errno, or 1 without NOTIFY_SOCKET. */
  notify(text: string): number;
  /** One line for people and scripts, on stdout. */
  say(line: string): void;
  readonly log: Log;
}

export type TransportChoice = 'auto' | 'cuse' | 'fuse';

export interface ViewRequest {
  /** Program and arguments; the program is a path or is found by PATH. */
  readonly command: readonly string[];
  readonly transport: TransportChoice;
  /** The command keeps its uid instead of seeing 0 (rootless only). */
  readonly mapCurrentUser: boolean;
  /** The command's environment; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
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
