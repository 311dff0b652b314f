/** What a view is asked for, and what it gives: the interfaces of view.ts and of bare/bare-view.ts. */
import type { Readable } from 'node:stream';
import type { Kmsg } from '../kernel/kmsg.ts';
import type { LockdownLevel } from '../kernel/lockdown.ts';
import type { DirectoryNode } from '../transport/fuse/tree.ts';
import type { NotifyNative } from '../transport/native.ts';
import type { NotifyNodes } from '../transport/notify/nodes.ts';
import type { NotifyOptions } from '../transport/notify/notify-session.ts';
import type { Ending, Stdio } from './view-child.ts';
import type { ViewDevice } from './view-device.ts';
import type { ViewNative } from './view-native.ts';
import type { WaitingChild } from './waiting-child.ts';

/** Serves `root` on `fd`, non-blocking and the callee's from now on; `pid`'s user namespace plays the initial one. */
export type ServeTree = (fd: number, root: DirectoryNode, pid: number) => void;

/**
 * Serves the listener of a filter, the callee's from now on. `view`: as of NotifyOptions; `owner`: whose the nodes are
 * in the daemon's eyes; undefined: whose they say.
 */
export type ServeNotify = (
  listener: number,
  nodes: NotifyNodes,
  view: NotifyOptions['view'],
  pid: number,
  owner: number | undefined,
) => void;

/** Where the device nodes come from. */
export type ViewNodes =
  | { readonly kind: 'fuse'; readonly serve: ServeTree; readonly bare?: BareNodes }
  /**
   * The real directory that holds the nodes, e.g. of CUSE, and the one of those not in /dev/fwctl (`fixedName`);
   * `/dev/fwctl` itself needs no mount. Sysfs and the kernel's log are served in any case.
   */
  | { readonly kind: 'directory'; readonly path: string; readonly fixed?: string; readonly serve: ServeTree }
  /** Plain files, and a filter that traps what is done with them (transport/notify). */
  | { readonly kind: 'notify'; readonly bare: BareNodes };

/** How nodes are shown where nothing can be mounted: calls on their paths are answered. */
export interface BareNodes {
  readonly native: Pick<NotifyNative, 'makeNode'>;
  readonly serve: ServeNotify;
  /** Not even tried to mount: for comparison. */
  readonly always: boolean;
  /** Told what cannot be done so. */
  refused(what: string): void;
}

export interface ViewOptions {
  readonly native: ViewNative;
  /** Path of native/view-exec. */
  readonly viewExec: string;
  readonly devices: readonly ViewDevice[];
  readonly nodes: ViewNodes;
  /** The emulated kernel's log, shown as /dev/kmsg; undefined: the machine's own is seen. */
  readonly kmsg?: Kmsg;
  /** The emulated kernel's lockdown, shown where it is not none. */
  readonly lockdown?: LockdownLevel;
  /** With `waiting` it has these words as its own last arguments, byte for byte, and only their count matters. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Set in the environment that the command inherits; its PATH finds the program. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The child that becomes the command; undefined: one is started. */
  readonly waiting?: WaitingChild | undefined;
  /** Called with a child for one more command, which `waiting` leaves behind. */
  readonly another?: ((child: WaitingChild) => void) | undefined;
  /** What the command sees itself as when the daemon is not root: root, or the uid that it has. */
  readonly mapUser: 'root' | 'current';
  /** The command's first three descriptors; the daemon's own unless a test says otherwise. */
  readonly stdio?: readonly [Stdio, Stdio, Stdio];
}

export interface View {
  /** The command's process. */
  readonly pid: number;
  /** The command's stderr, where `stdio` makes it a pipe. */
  readonly stderr: Readable | null;
  /** 127: the command was not found, 126: it is not executable; view-exec has said so on stderr. */
  readonly exited: Promise<Ending>;
  /** The view has a user namespace of its own. */
  readonly ownUsers: boolean;
  /** Why it has no mounts, one clause; undefined: it has. */
  readonly bare: string | undefined;
  /** Parts of the machine that the view could not show, one clause each; the command runs without them. */
  readonly warnings: readonly string[];
  /** Sets what /proc/sys/kernel/tainted says. */
  taint(value: number | bigint): void;
  /** Shows one more device: sysfs first, then the node. Throws an Error where that cannot appear in a running view. */
  addDevice(device: ViewDevice): void;
  removeDevice(device: ViewDevice): void;
  /** Sends a signal to the command; false when it has ended. */
  signal(name: NodeJS.Signals): boolean;
  /** Lets go of the view; the command, if it still runs, is left alone. */
  close(): void;
}

/** What a view shows, as it follows the machine. */
export type Shown = Pick<View, 'taint' | 'addDevice' | 'removeDevice' | 'close'>;
