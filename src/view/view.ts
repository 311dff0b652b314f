/**
 * The private view of one command: own mounts in which the emulated devices stand in /dev, /sys and /proc; nothing else
 * differs. The daemon stays in the machine's namespaces: it reaches the view's sysfs by a descriptor of its tmpfs, and
 * never touches the FUSE mount that it serves. The child becomes the command, whose last process ends the view.
 */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { NotifyNodes } from '../transport/notify/nodes.ts';
import { furnishBare } from './bare/bare-view.ts';
import { coveredDirectory, hostListing, hostProcModules } from './host-facts.ts';
import { Inside } from './inside.ts';
import { LateNodes } from './late-nodes.ts';
import { nameEvents } from './name-events.ts';
import { PlainTree } from './plain-tree.ts';
import { type NamespaceMode, planView } from './plan.ts';
import { optionalStep, type Step, step } from './steps.ts';
import { anotherChild, startChild, type ViewChild } from './view-child.ts';
import { fixedNodes, liveDirectories, liveDirectory } from './view-device.ts';
import type { BareNodes, Shown, View, ViewOptions } from './view-parts.ts';
import { ViewSysfs } from './view-sysfs.ts';
import { viewTree } from './view-tree.ts';

/** libudev and sd-device take nothing for a device whose directory is in no file system of sysfs's type. */
const UDEV_VARIABLE = 'SYSTEMD_DEVICE_VERIFY_SYSFS';

/** Makes the view and starts the command in it. Rejects with ViewError or PlanError, leaving nothing behind. */
export async function startView(options: ViewOptions): Promise<View> {
  const { native, viewExec, command, waiting, another, stdio = ['inherit', 'inherit', 'inherit'] } = options;
  const child = await startChild({ native, viewExec, command, stdio, waiting });
  try {
    if (waiting !== undefined && another !== undefined) another(await anotherChild(child));
    const { nodes } = options;
    const bare = 'bare' in nodes ? nodes.bare : undefined;
    const { mode, made, why } = await chooseMode(child, options.mapUser, bare);
    if (mode !== undefined || bare === undefined) return await furnish(options, mode ?? 'root', made, child);
    const view = await furnishBare(options, bare, child);
    try {
      await child.channel.run(variableSteps(options.variables ?? {}));
      await child.channel.exec(options.command.length);
    } catch (error) {
      view.close();
      throw error;
    }
    return openView(child, view, { ownUsers: false, bare: why, warnings: [] });
  } catch (error) {
    child.kill('SIGKILL');
    child.close();
    throw error;
  }
}

interface Chosen {
  /** Undefined: nobody can mount, and a view without mounts is allowed. */
  readonly mode: NamespaceMode | undefined;
  /** The namespaces are made already. */
  readonly made: boolean;
  /** Why there is no mode, one clause. */
  readonly why: string;
}

/** Who makes the view. Root without the capability may still have user namespaces. */
async function chooseMode(
  child: ViewChild,
  mapUser: ViewOptions['mapUser'],
  bare: BareNodes | undefined,
): Promise<Chosen> {
  if (bare?.always) return { mode: undefined, made: false, why: 'it was asked for' };
  const refused = async (mode: NamespaceMode) => {
    await child.channel.run([optionalStep('namespaces', mode)]);
    return child.channel.skipped.splice(0)[0]?.errno;
  };
  const isRoot = process.geteuid?.() === 0;
  if (isRoot && (await refused('mount')) === undefined) return { mode: 'mount', made: true, why: '' };
  const mode = isRoot ? 'root' : mapUser;
  if (bare === undefined) return { mode, made: false, why: '' };
  // one can be made there, and nothing in it: its capabilities are taken away
  if (usersAreRestricted())
    return { mode: undefined, made: false, why: 'kernel.apparmor_restrict_unprivileged_userns is set' };
  const errno = await refused(mode);
  return { mode: errno === undefined ? mode : undefined, made: true, why: `namespaces: ${errno}` };
}

function usersAreRestricted(): boolean {
  try {
    return readFileSync('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', 'utf8').trim() === '1';
  } catch {
    return false;
  }
}

/** Carries out the plan in `child` and lets it become the command. */
async function furnish(options: ViewOptions, mode: NamespaceMode, made: boolean, child: ViewChild): Promise<View> {
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
      nodes:
        nodes.kind !== 'directory' ? 'fuse' : { directory: nodes.path, ...(nodes.fixed && { fixed: nodes.fixed }) },
      sysfs: sysfs.served,
      kernelLog: kmsg !== undefined && nodes.kind !== 'notify',
      plain: nodes.kind === 'notify',
      lockdown: lockdown !== 'none',
      modules: hostProcModules() !== undefined,
      listing: hostListing,
    });
    await child.channel.run(made ? plan.opening.slice(1) : plan.opening);
    const tmpfs = kept(child.takeDescriptor());
    const inside = new Inside(`/proc/self/fd/${tmpfs}`, plan, sysfs, devices);
    if (lockdown !== 'none') inside.lockdown(lockdown);
    await child.channel.run(plan.fuse);
    const users = mode === 'mount' ? undefined : kept(openSync(`/proc/${child.pid}/ns/user`, 'r'));
    let mount = -1;
    const events = nameEvents(() => ({ root: mount, users }));
    const trapped = nodes.kind === 'notify' ? new NotifyNodes() : undefined;
    const tree = viewTree({
      devices,
      sysfs,
      owner: ownerInside(mode),
      kmsg: nodes.kind === 'notify' ? undefined : kmsg,
      events: nodes.kind === 'fuse' ? events : undefined,
      numbered: trapped,
    });
    const own = mode === 'mount' ? undefined : process.geteuid?.();
    const place = `/proc/self/fd/${tmpfs}/fuse`;
    const plain =
      trapped &&
      new PlainTree(place, tree.root, own === undefined, (node, inode, file) => trapped.place(node, inode, file));
    if (nodes.kind !== 'notify') nodes.serve(child.takeDescriptor(), tree.root, child.pid);
    plain?.sync();
    await child.channel.run(plan.mounts);
    mount = kept(child.takeDescriptor());
    closing.push(() => events.close());
    const warnings = inside.missing(root, child.channel.skipped);
    plain?.sync();
    sysfs.settle();
    if (plan.ownDev !== undefined) warnings.push(...late.follow(`/proc/self/fd/${tmpfs}/dev`, plan.ownDev));
    if (nodes.kind === 'notify' && trapped !== undefined) {
      await child.channel.run([step('filter', 'mounts')]);
      const paths = [...liveDirectories(devices), ...fixedNodes(devices).map(({ path }) => path)];
      const view = { places: place, prefixes: paths.map((path) => `/dev/${path}`) };
      nodes.bare.serve(child.takeDescriptor(), trapped, view, child.pid, own);
    }
    await child.channel.run(variableSteps(options.variables ?? {}));
    await child.channel.exec(options.command.length);
    const live: readonly string[] = liveDirectories(devices);
    const shown: Shown = {
      taint: (value) => inside.taint.write(value),
      addDevice(device) {
        const fixed = device.nodes.find((node) => !live.includes(liveDirectory(node) ?? ''));
        if (fixed !== undefined)
          throw new Error(
            `/dev/${fixed.path} cannot appear in a running view that began without one; give it at the start`,
          );
        sysfs.add(device);
        tree.add(device);
        plain?.sync();
      },
      removeDevice(device) {
        tree.remove(device);
        sysfs.remove(device);
        plain?.sync();
      },
      close,
    };
    return openView(child, shown, { ownUsers: mode !== 'mount', bare: undefined, warnings });
  } catch (error) {
    close();
    throw error;
  }
}

function variableSteps(variables: Readonly<Record<string, string>>): Step[] {
  const { [UDEV_VARIABLE]: asked = '0' } = process.env;
  return Object.entries({ [UDEV_VARIABLE]: asked, ...variables }).map((words) => step('variable', ...words));
}

function openView(child: ViewChild, shown: Shown, about: Pick<View, 'ownUsers' | 'bare' | 'warnings'>): View {
  let open = true;
  return {
    ...about,
    ...shown,
    pid: child.pid,
    stderr: child.stderr,
    exited: child.exited,
    signal: (name) => child.kill(name),
    close() {
      if (!open) return;
      open = false;
      child.close();
      shown.close();
    },
  };
}

/** A user namespace knows one uid and one gid: every node is theirs, or nobody could open it. */
function ownerInside(mode: NamespaceMode): { uid: number; gid: number } | undefined {
  if (mode === 'mount') return undefined;
  if (mode === 'root') return { uid: 0, gid: 0 };
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}
