/**
 * The private view of one command: own mounts in which the emulated devices stand in /dev, /sys and /proc; nothing else
 * differs. The daemon stays in the machine's namespaces: it reaches the view's sysfs by a descriptor of its tmpfs, and
 * never touches the FUSE mount that it serves. The child becomes the command, whose last process ends the view.
 */
import { closeSync, existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import type { Kmsg } from '../kernel/kmsg.ts';
import type { LockdownLevel } from '../kernel/lockdown.ts';
import type { DirectoryNode } from '../transport/fuse/tree.ts';
import { hostListing, privateBase } from './host-facts.ts';
import { Inside } from './inside.ts';
import { LateNodes } from './late-nodes.ts';
import { type NamespaceMode, planView } from './plan.ts';
import { type Ending, type Stdio, startChild, type ViewChild } from './view-child.ts';
import { liveDirectories, liveDirectory, type ViewDevice } from './view-device.ts';
import { ViewError } from './view-error.ts';
import type { ViewNative } from './view-native.ts';
import { ViewSysfs } from './view-sysfs.ts';
import { type ViewTree, viewTree } from './view-tree.ts';

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
  readonly command: readonly [program: string, ...args: string[]];
  /** The command's whole environment; its PATH finds the program. */
  readonly env: NodeJS.ProcessEnv;
  /** What the command sees itself as when the daemon is not root: root, or the uid that it has. */
  readonly mapUser: 'root' | 'current';
  /** The command's first three descriptors; the daemon's own unless a test says otherwise. */
  readonly stdio?: readonly [Stdio, Stdio, Stdio];
}

export interface View {
  /** The command's process. */
  readonly pid: number;
  readonly process: ViewChild['process'];
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

/** Makes the view and starts the command in it. Rejects with ViewError or PlanError, leaving nothing behind. */
export async function startView(options: ViewOptions): Promise<View> {
  const modes: readonly NamespaceMode[] = process.geteuid?.() === 0 ? ['mount', 'root'] : [options.mapUser];
  for (const mode of modes.slice(0, -1)) {
    try {
      return await attempt(options, mode);
    } catch (error) {
      // root without the capability may still have user namespaces
      if (!(error instanceof ViewError) || error.step?.kind !== 'namespaces') throw error;
    }
  }
  return attempt(options, modes.at(-1) as NamespaceMode);
}

async function attempt(options: ViewOptions, mode: NamespaceMode): Promise<View> {
  const { native, viewExec, command, env, stdio = ['inherit', 'inherit', 'inherit'] } = options;
  const root = mkdtempSync(`${privateBase(process.env.XDG_RUNTIME_DIR)}/fwctl-emu-view-`);
  let child: ViewChild | undefined;
  try {
    child = await startChild({ native, viewExec, command, env, stdio });
    return await furnish(options, mode, root, child);
  } catch (error) {
    child?.process.kill('SIGKILL');
    child?.close();
    throw error;
  } finally {
    removeRoot(root);
  }
}

/** Never more than an empty directory: mounts on it are inside only. Removed before the command starts: none stays. */
function removeRoot(root: string): void {
  if (existsSync(root)) rmdirSync(root);
}

/** Carries out the plan in `child` and lets it become the command. */
async function furnish(options: ViewOptions, mode: NamespaceMode, root: string, child: ViewChild): Promise<View> {
  const { native, devices, nodes, kmsg, lockdown = 'none' } = options;
  const late = new LateNodes(native); // before the plan lists what there is
  let tmpfs: number | undefined;
  const close = () => {
    late.close();
    if (tmpfs !== undefined) closeSync(tmpfs);
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
    await child.channel.run(plan.opening);
    tmpfs = child.takeDescriptor();
    const inside = new Inside(`/proc/self/fd/${tmpfs}`, plan, sysfs, devices);
    if (lockdown !== 'none') inside.lockdown(lockdown);
    await child.channel.run(plan.fuse);
    const tree = viewTree({ devices, sysfs, owner: ownerInside(mode), kmsg });
    nodes.serve(child.takeDescriptor(), tree.root, child.pid);
    await child.channel.run(plan.mounts);
    removeRoot(root); // the view keeps what it took from there
    const warnings = inside.missing(root, child.channel.skipped);
    sysfs.settle();
    if (plan.ownDev !== undefined) warnings.push(...late.follow(`/proc/self/fd/${tmpfs}/dev`, plan.ownDev));
    await child.channel.exec();
    return openView(child, mode, close, inside, sysfs, tree, warnings, liveDirectories(devices));
  } catch (error) {
    close();
    throw error;
  }
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
    process: child.process,
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
    signal: (name) => child.process.kill(name),
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
