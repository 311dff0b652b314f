/**
 * The whole plan of a view, from what the machine has: what is made in the view's tmpfs, and which mounts follow.
 * Pure: facts in, steps out. Why these mounts: docs/decisions.md, "the view shadows directories".
 * Inside the tmpfs, at the private directory `root`:
 *   fuse/             the FUSE mount: fwctl/, cxl/, nodes/, char/, kmsg and sys/ (view-tree.ts)
 *   dev/              the private /dev, where the real one has no fwctl/ to mount on
 *   sys/class ...     shadows of the sysfs directories that get new entries
 *   tainted, devices, misc   what /proc/sys/kernel/tainted, /proc/devices and /proc/misc say
 * At the end the tmpfs leaves the tree; what was bound and moved from it stays, the daemon's descriptor reaches all.
 */
import { emptyShadow, type Listing, type Shadow, shadowDirectory } from './shadow.ts';
import { optionalStep, type Step, step } from './steps.ts';
import { charEntries, deviceEntries, type SysfsEntry } from './sysfs-tree.ts';
import {
  fixedName,
  fixedNodes,
  type LiveDirectory,
  liveDirectories,
  pciRoot,
  type ViewDevice,
  type ViewNode,
} from './view-device.ts';

/** Who makes the view: `mount` root with own mounts; else a user namespace in which we are root, or who we were. */
export type NamespaceMode = 'mount' | 'root' | 'current';

export interface PlanInput {
  readonly mode: NamespaceMode;
  /** An empty directory of the daemon's own, the same path inside and outside. */
  readonly root: string;
  readonly devices: readonly ViewDevice[];
  /**
   * `fuse`: the daemon serves the nodes. Else the directories of fwctl's nodes (those of other live directories beside
   * it, `DIRECTORY.cxl`), and of all others (CUSE).
   */
  readonly nodes: 'fuse' | { readonly directory: string; readonly fixed?: string };
  /** Whether there is a FUSE mount: always for `fuse` nodes; else sysfs is of plain files only. */
  readonly served: boolean;
  /** Whether /dev/kmsg is served on it. */
  readonly kernelLog: boolean;
  /** Whether /sys/kernel/security/lockdown says what the emulated kernel's is. */
  readonly lockdown?: boolean;
  readonly listing: Listing;
}

export interface ViewPlan {
  /** Up to the tmpfs, whose descriptor the daemon gets. */
  readonly opening: readonly Step[];
  /** Made in the tmpfs after that: mount points and copies of links. */
  readonly skeleton: Shadow;
  /** Directories that are bound from the FUSE tree, `sys/devices/pci0000:00`, and what is made in there. */
  readonly served: Served;
  /** The FUSE mount, whose descriptor the daemon gets; none when nothing is served so. */
  readonly fuse: readonly Step[];
  /** Everything else; the FUSE mount must be served by now. */
  readonly mounts: readonly Step[];
}

/**
 * A bound /dev/ptmx finds no pts/ beside it and cannot be opened (fs/devpts/inode.c, devpts_ptmx_path). Root makes a
 * node of its own. A user namespace may not: there the real /dev stays reachable under this name, with both of them.
 */
const HOST_DEV = '.host';

/** Sysfs directories that stay open for new entries. */
const OPEN: readonly (readonly [string, 'merged' | 'alone'])[] = [
  ['class', 'merged'],
  ['class/fwctl', 'alone'],
  ['bus', 'merged'],
  ['bus/pci', 'merged'],
  ['bus/pci/devices', 'merged'],
  ['bus/pci/drivers', 'merged'],
  ['bus/auxiliary', 'merged'],
  ['bus/auxiliary/devices', 'merged'],
  ['bus/auxiliary/drivers', 'merged'],
  ['devices', 'merged'],
];

/** Thrown when this machine cannot have a view at all; the message says why and what to do. */
export class PlanError extends Error {}

export function planView(input: PlanInput): ViewPlan {
  const { mode, root } = input;
  const skeleton = emptyShadow();
  const served = { places: [] as string[], skeleton: emptyShadow() };
  const mounts: Step[] = [...planDev(input, skeleton), ...planSys(input, skeleton, served)];
  for (const [name, real] of [
    ['tainted', '/proc/sys/kernel/tainted'],
    ['devices', '/proc/devices'],
    ...(hasMisc(input.devices) ? ([['misc', '/proc/misc']] as const) : []),
  ] as const) {
    mounts.push(optionalStep('bind', `${root}/${name}`, real), optionalStep('readonly', real));
  }
  if (input.lockdown) mounts.push(...planLockdown(input, skeleton));
  mounts.push(step('detach', root));
  const fuse: Step[] = [];
  if (input.served) {
    skeleton.directories.push('fuse');
    fuse.push(step('fuse', `${root}/fuse`, 'allow_other,default_permissions'));
  }
  const opening = [step('namespaces', mode), step('private'), step('tmpfs', root, 'mode=755'), step('send', root)];
  return { opening, skeleton, served, fuse, mounts };
}

/** Whether /proc/misc has more than the machine's own. */
export function hasMisc(devices: readonly ViewDevice[]): boolean {
  return devices.some((device) => device.nodes.some((node) => node.class === 'misc'));
}

/** /dev/fwctl and nodes elsewhere: onto the real ones where there are such, else in a /dev of the view's own. */
function planDev(input: PlanInput, skeleton: Shadow): Step[] {
  const { mode, root, nodes, kernelLog, listing } = input;
  const live = liveDirectories(input.devices).map((name) => ({ source: sourceOfLive(name, input), name }));
  const fixed = fixedNodes(input.devices);
  const elsewhere = nodes === 'fuse' ? `${root}/fuse/nodes` : (nodes.fixed ?? nodes.directory);
  const sourceOf = (node: ViewNode) => `${elsewhere}/${fixedName(node)}`;
  const real = listing('/dev');
  const elsewhereYet = live.filter(({ source, name }) => source !== `/dev/${name}`);
  if (
    elsewhereYet.every(({ name }) => listing(`/dev/${name}`) !== undefined) &&
    fixed.every(({ path }) => isThere(`/dev/${path}`, listing))
  ) {
    const log = kernelLog ? [optionalStep('bind', `${root}/fuse/kmsg`, '/dev/kmsg')] : [];
    const onto = fixed.map((node) => step('bind', sourceOf(node), `/dev/${node.path}`));
    return [...elsewhereYet.map(({ source, name }) => step('bind', source, `/dev/${name}`)), ...onto, ...log];
  }
  if (real === undefined)
    throw new PlanError('there is no /dev to show devices in: run in a root file system that has one');

  const own: Own = new Map(live.map(({ name }) => [`dev/${name}`, 'alone']));
  const taken = new Set<string>();
  const extra = live.map(({ source, name }) => step('bind', source, `${root}/dev/${name}`));
  for (const node of fixed) {
    const at = `dev/${node.path}`;
    const parent = at.slice(0, at.lastIndexOf('/'));
    if (parent !== 'dev') own.set(parent, 'merged');
    taken.add(at);
    skeleton.files.push(at);
    extra.push(step('bind', sourceOf(node), `${root}/${at}`));
  }
  if (kernelLog) {
    taken.add('dev/kmsg');
    skeleton.files.push('dev/kmsg');
    extra.push(step('bind', `${root}/fuse/kmsg`, `${root}/dev/kmsg`));
  }
  if (real.some((entry) => entry.name === 'ptmx' && entry.kind === 'other')) {
    taken.add('dev/ptmx');
    if (mode === 'mount') {
      extra.push(optionalStep('ptmx', `${root}/dev/ptmx`));
    } else {
      skeleton.links.push({ path: 'dev/ptmx', target: `${HOST_DEV}/ptmx` });
      own.set(`dev/${HOST_DEV}`, 'alone');
      extra.push(step('rbind', '/dev', `${root}/dev/${HOST_DEV}`));
    }
  }
  return replace({ root, skeleton, served: NOTHING_SERVED, own, taken, listing }, '/dev', extra);
}

function sourceOfLive(name: LiveDirectory, { root, nodes }: PlanInput): string {
  if (nodes === 'fuse') return `${root}/fuse/${name}`;
  return name === 'fwctl' ? nodes.directory : `${nodes.directory}.${name}`;
}

/** Whether a real file or directory stands at the path. */
function isThere(path: string, listing: Listing): boolean {
  const slash = path.lastIndexOf('/');
  return listing(path.slice(0, slash))?.some(({ name }) => name === path.slice(slash + 1)) === true;
}

/** The sysfs directories that get new entries, or all of /sys where it is no sysfs. */
function planSys(input: PlanInput, skeleton: Shadow, served: { places: string[]; skeleton: Shadow }): Step[] {
  const { root, devices, listing } = input;
  if (listing('/sys') === undefined) {
    throw new PlanError('there is no /sys to show devices in: make the directory, or mount sysfs on it');
  }
  const own: Own = new Map(OPEN.map(([path, how]) => [`sys/${path}`, how]));
  const taken = new Set<string>();
  const take = (entries: readonly SysfsEntry[]) => {
    for (const { path } of entries) taken.add(`sys/${path}`);
  };
  // every root bus of the machine: a device may be plugged into any of them later
  for (const { name } of listing('/sys/devices') ?? []) {
    if (/^pci[0-9a-f]{4,}:[0-9a-f]{2}$/.test(name)) own.set(`sys/devices/${name}`, 'merged');
  }
  for (const device of devices) {
    for (const [path, how] of directoriesOf(device)) own.set(`sys/${path}`, how);
    take(deviceEntries(device, { list: '', mask: '' }));
    take(charEntries(device));
  }
  if (input.served) served.places.push(...[...own.keys()].filter((path) => SERVED.test(path)));
  const context = { root, skeleton, served, own, taken, listing };
  const complete = ['/sys/class', '/sys/bus', '/sys/devices', '/sys/dev/char'].every(
    (path) => listing(path) !== undefined,
  );
  const charTo = (path: string) => (input.served ? [step('bind', `${root}/fuse/char`, path)] : []);
  if (!complete) {
    own.set('sys/dev', 'merged').set('sys/dev/char', input.served ? 'alone' : 'merged');
    return [...replace(context, '/sys', charTo(`${root}/sys/dev/char`)), step('readonly', '/sys')];
  }
  const tops = ['/sys/class', '/sys/bus', '/sys/devices', ...(input.served ? [] : ['/sys/dev/char'])];
  return [...tops.flatMap((top) => [...replace(context, top, []), step('readonly', top)]), ...charTo('/sys/dev/char')];
}

/** Onto the real file, or, where securityfs is not mounted, onto the empty directory that it would be mounted on. */
function planLockdown({ root, listing }: PlanInput, skeleton: Shadow): Step[] {
  skeleton.directories.push('security');
  const real = listing('/sys/kernel/security');
  if (real === undefined || (real.length > 0 && !real.some(({ name }) => name === 'lockdown'))) return [];
  const [from, to] =
    real.length === 0
      ? [`${root}/security`, '/sys/kernel/security']
      : [`${root}/security/lockdown`, '/sys/kernel/security/lockdown'];
  return [optionalStep('bind', from, to), optionalStep('readonly', to)];
}

/** Sysfs directories with entries of the device. A bus whose real devices matter to nobody shows ours alone. */
function directoriesOf({ parents, nodes }: ViewDevice): [string, 'merged' | 'alone'][] {
  if (parents.length === 0) {
    return nodes.flatMap((node) => [
      [`class/${node.class}`, 'merged'],
      ['devices/virtual', 'merged'],
      [`devices/virtual/${node.class}`, 'merged'],
    ]);
  }
  return parents.flatMap(({ bus, name, driver }): [string, 'merged' | 'alone'][] => {
    const bound: [string, 'merged' | 'alone'][] =
      driver === undefined ? [] : [[`bus/${bus}/drivers/${driver}`, bus === 'pci' ? 'merged' : 'alone']];
    if (bus === 'pci') return [[`devices/${pciRoot(name)}`, 'merged'], ...bound];
    // the other buses are open in any case
    if (bus !== 'cxl') return bound;
    const open = ['bus/cxl', 'bus/cxl/devices', 'bus/cxl/drivers', 'devices/platform'];
    return [...open.map((path): [string, 'merged'] => [path, 'merged']), ...bound];
  });
}

type Own = Map<string, 'merged' | 'alone'>;

/** Which directories of sysfs are served by FUSE, with all that is below them: those with attributes of the devices. */
const SERVED =
  /^sys\/(devices\/(pci[0-9a-f]{4,}:[0-9a-f]{2}|virtual\/[^/]+)|bus\/(auxiliary|cxl)\/drivers|bus\/pci\/drivers\/[^/]+)$/;

export interface Served {
  /** Places in the tmpfs onto which directories of the FUSE tree are bound. */
  readonly places: readonly string[];
  readonly skeleton: Shadow;
}

const NOTHING_SERVED: Served = { places: [], skeleton: emptyShadow() };

interface ReplaceContext {
  readonly root: string;
  readonly skeleton: Shadow;
  readonly served: Served;
  readonly own: Own;
  readonly taken: ReadonlySet<string>;
  readonly listing: Listing;
}

/** Steps that put a shadow of the directory `real` into its place; `extra` mounts go into the shadow last. */
function replace(
  { root, skeleton, served, own, taken, listing }: ReplaceContext,
  real: string,
  extra: readonly Step[],
): Step[] {
  const place = real.slice(1);
  const shadow = emptyShadow();
  shadowDirectory(shadow, real, place, root, own, taken, listing);
  const isBelow = (path: string) => served.places.some((each) => path.startsWith(`${each}/`));
  const into = (path: string) => (isBelow(path) ? served.skeleton : skeleton);
  for (const path of shadow.directories) into(path).directories.push(path);
  for (const path of shadow.files) into(path).files.push(path);
  for (const link of shadow.links) into(link.path).links.push(link);
  const live = served.places
    .filter((each) => each.startsWith(`${place}/`))
    .map((each) => step('bind', `${root}/fuse/${each}`, `${root}/${each}`));
  const at = `${root}/${place}`;
  // bound onto itself it is a mount of its own, which can be filled here and then moved with all that it holds
  return [step('bind', at, at), ...live, ...shadow.binds, ...extra, step('move', at, real)];
}
