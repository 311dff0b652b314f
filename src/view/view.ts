/**
 * The private view of one command: own mounts in which the emulated devices stand in /dev, /sys and /proc; nothing else
 * differs. The daemon stays in the machine's namespaces: it reaches the view's sysfs by a descriptor of its tmpfs, and
 * never touches the FUSE mount that it serves. The child becomes the command, whose last process ends the view.
 */
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Kmsg } from '../kernel/kmsg.ts';
import type { LockdownLevel } from '../kernel/lockdown.ts';
import type { DirectoryNode } from '../transport/fuse/tree.ts';
import { coveredDirectory, hostListing } from './host-facts.ts';
import { Inside } from './inside.ts';
import { LateNodes } from './late-nodes.ts';
import { nameEvents } from './name-events.ts';
import { type NamespaceMode, planView } from './plan.ts';
import { optionalStep, type Step, step } from './steps.ts';
import { anotherChild, type Ending, type Stdio, startChild, type ViewChild } from './view-child.ts';
import { liveDirectories, liveDirectory, type ViewDevice } from './view-device.ts';
import type { ViewNative } from './view-native.ts';
import { ViewSysfs } from './view-sysfs.ts';
import { type ViewTree, viewTree } from './view-tree.ts';
import type { WaitingChild } from './waiting-child.ts';

/** Serves `root` on `fd`, non-blocking and the callee's from now on; `pid`'s user namespace plays the initial one. */
export type ServeTree = (fd: number, root: DirectoryNode, pid: number) => void;

/** Where the device nodes come from. */
export type ViewNodes =
  | { readonly kind: 'fuse'; readonly serve: ServeTree }
  /**
   * The real directory that holds the nodes, e.g. of CUSE, and the one of those not in /dev/fwctl (`fixedName`);
   * `/dev/fwctl` itself needs no mount. Sysfs and the kernel's log are served in any case.
   */
  | { readonly kind: 'directory'; readonly path: string; readonly fixed?: string; readonly serve: ServeTree };

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

/** libudev and sd-device take nothing for a device whose directory is in no file system of sysfs's type. */
const UDEV_VARIABLE = 'SYSTEMD_DEVICE_VERIFY_SYSFS';

/** Makes the view and starts the command in it. Rejects with ViewError or PlanError, leaving nothing behind. */
export async function startView(options: ViewOptions): Promise<View> {
  const { native, viewExec, command, waiting, another, stdio = ['inherit', 'inherit', 'inherit'] } = options;
  const child = await startChild({ native, viewExec, command, stdio, waiting });
  try {
    if (waiting !== undefined && another !== undefined) another(await anotherChild(child));
    return await furnish(options, await chooseMode(child, options.mapUser), child);
  } catch (error) {
    child.kill('SIGKILL');
    child.close();
    throw error;
  }
}

/** Root without the capability may still have user namespaces. */
async function chooseMode(child: ViewChild, mapUser: ViewOptions['mapUser']): Promise<NamespaceMode> {
  if (process.geteuid?.() !== 0) return mapUser;
  await child.channel.run([optionalStep('namespaces', 'mount')]);
  return child.channel.skipped.splice(0).length === 0 ? 'mount' : 'root';
}

/** Carries out the plan in `child` and lets it become the command. */
async function furnish(options: ViewOptions, mode: NamespaceMode, child: ViewChild): Promise<View> {
  const { native, devices, nodes, kmsg, lockdown = 'none' } = options;
  const root = coveredDirectory();
  const late = new LateNodes(native); // before the plan lists what there is
  const closing = [() => late.close()];
  const close = () => {
    for (const undo of closing.splice(0).reverse()) undo();
  };
  const kept = (fd: number) => {
    closing.push(() => closeSync(fd));
    return fd;
  };
  try {
    const sysfs = new ViewSysfs(devices);
    const plan = planView({
      mode,
      root,
      devices,
      nodes: nodes.kind === 'fuse' ? 'fuse' : { directory: nodes.path, ...(nodes.fixed && { fixed: nodes.fixed }) },
      sysfs: sysfs.served,
      kernelLog: kmsg !== undefined,
      lockdown: lockdown !== 'none',
      listing: hostListing,
    });
    await child.channel.run(mode === 'mount' ? plan.opening.slice(1) : plan.opening); // chooseMode() has made those
    const tmpfs = kept(child.takeDescriptor());
    const inside = new Inside(`/proc/self/fd/${tmpfs}`, plan, sysfs, devices);
    if (lockdown !== 'none') inside.lockdown(lockdown);
    await child.channel.run(plan.fuse);
    const users = mode === 'mount' ? undefined : kept(openSync(`/proc/${child.pid}/ns/user`, 'r'));
    let mount = -1;
    const events = nameEvents(() => ({ root: mount, users }));
    const tree = viewTree({
      devices,
      sysfs,
      owner: ownerInside(mode),
      kmsg,
      events: nodes.kind === 'fuse' ? events : undefined,
    });
    nodes.serve(child.takeDescriptor(), tree.root, child.pid);
    await child.channel.run(plan.mounts);
    mount = kept(child.takeDescriptor());
    closing.push(() => events.close());
    const warnings = inside.missing(root, child.channel.skipped);
    sysfs.settle();
    if (plan.ownDev !== undefined) warnings.push(...late.follow(`/proc/self/fd/${tmpfs}/dev`, plan.ownDev));
    await child.channel.run(variableSteps(options.variables ?? {}));
    await child.channel.exec(options.command.length);
    return openView(child, mode, close, inside, sysfs, tree, warnings, liveDirectories(devices));
  } catch (error) {
    close();
    throw error;
  }
}

function variableSteps(variables: Readonly<Record<string, string>>): Step[] {
  const { [UDEV_VARIABLE]: asked = '0' } = process.env;
  return Object.entries({ [UDEV_VARIABLE]: asked, ...variables }).map((words) => step('variable', ...words));
}

function openView(
  child: ViewChild,
  mode: NamespaceMode,
  close: () => void,
  inside: Inside,
  sysfs: ViewSysfs,
  tree: ViewTree,
  warnings: readonly string[],
  live: readonly string[],
): View {
  let open = true;
  return {
    pid: child.pid,
    stderr: child.stderr,
    exited: child.exited,
    ownUsers: mode !== 'mount',
    warnings,
    taint: (value) => inside.taint.write(value),
    addDevice(device) {
      const fixed = device.nodes.find((node) => !live.includes(liveDirectory(node) ?? ''));
      if (fixed !== undefined)
        throw new Error(
          `/dev/${fixed.path} cannot appear in a running view that began without one; give it at the start`,
        );
      sysfs.add(device);
      tree.add(device);
    },
    removeDevice(device) {
      tree.remove(device);
      sysfs.remove(device);
    },
    signal: (name) => child.kill(name),
    close() {
      if (!open) return;
      open = false;
      child.close();
      close();
    },
  };
}

/** A user namespace knows one uid and one gid: every node is theirs, or nobody could open it. */
function ownerInside(mode: NamespaceMode): { uid: number; gid: number } | undefined {
  if (mode === 'mount') return undefined;
  if (mode === 'root') return { uid: 0, gid: 0 };
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}
