/** What `serve` needs of the layers below, as interfaces: tests put fakes behind them, serve-parts.ts the real ones. */

import type { DeviceSpec } from '../host/config/device-spec.ts';
import type { HostDevice, HostEvent } from '../host/machine/host-device.ts';
import type { Log } from '../host/machine/log.ts';
import type { Mount } from '../transport/mount-table.ts';

/** How nodes are made; `auto`: by what the machine has. */
export type ServeTransport = 'auto' | 'cuse' | 'fuse';
/** The same of `run`: a filter reaches a command and its children alone. */
export type TransportChoice = ServeTransport | 'seccomp';

/** The composition of core, drivers and firmware: class Host of host/machine. */
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
   * Ends the service now, in the middle of calls too: they get ECONNABORTED, and nodes or mount are gone when it
   * returns (a mount by umount2(MNT_DETACH)). Does not wait for held replies. A second call does nothing.
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
   * Mounts on `directory`, which exists and is empty. `apart`: it is not /dev/fwctl, and gets the nodes that would
   * stand elsewhere in /dev too. Throws an Error that says why not.
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
