/**
 * The whole plan of a view, from what the machine has: what is made in the view's tmpfs, and which mounts follow.
 * Pure: facts in, steps out. Why these mounts: docs/decisions.md, "the view shadows directories".
 * Inside the tmpfs, which lies on `root` meanwhile:
 *   fuse/             the FUSE mount: fwctl/, cxl/, nodes/, kmsg and sys/ (view-tree.ts), or the same as plain files
 *   dev/              the private /dev, where the real one has no fwctl/ to mount on
 *   sys/class ...     shadows of the sysfs directories above those that are bound from the FUSE mount
 *   tainted, devices, misc, modules   what /proc/sys/kernel/tainted, /proc/devices, misc and modules say
 * At the end the tmpfs leaves the tree; what was bound and moved from it stays, the daemon's descriptor reaches all.
 */
import { emptyShadow, type Listing, type OwnKind, type Shadow, shadowDirectory } from './shadow.ts';
import { optionalStep, type Step, step } from './steps.ts';
import {
  fixedName,
  fixedNodes,
  type LiveDirectory,
  liveDirectories,
  type ViewDevice,
  type ViewNode,
} from './view-device.ts';

/** Who makes the view: `mount` root with own mounts; else a user namespace in which we are root, or who we were. */
export type NamespaceMode = 'mount' | 'root' | 'current';

export interface PlanInput {
  readonly mode: NamespaceMode;
  /** A directory that is covered meanwhile: nothing of the plan comes from there. */
  readonly root: string;
  readonly devices: readonly ViewDevice[];
  /**
   * `fuse`: the daemon serves the nodes. Else the directories of fwctl's nodes (those of other live directories beside
   * it, `DIRECTORY.cxl`), and of all others (CUSE).
   */
  readonly nodes: 'fuse' | { readonly directory: string; readonly fixed?: string };
  /** Nothing is served by FUSE: its place has plain files, which the command is not to write to. */
  readonly plain?: boolean;
  /** Directories of sysfs with entries of ours, by their paths below /sys, and whether a path is one of those. */
  readonly sysfs: { places(): readonly string[]; owns(path: string): boolean };
  /** Whether /proc/modules is there to be bound over: nothing can be put where it is not. */
  readonly modules?: boolean;
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
  /** The same in the FUSE tree's `sys/`. */
  readonly served: Shadow;
  /** The FUSE mount, whose descriptor the daemon gets. */
  readonly fuse: readonly Step[];
  /** Everything else; the FUSE mount must be served by now. The daemon gets its root. */
  readonly mounts: readonly Step[];
  /** Names of the machine's own in the view's /dev, where that is a directory of the view's own. */
  readonly ownDev: readonly string[] | undefined;
}

/**
 * The real /dev in a /dev of the view's own: what comes into it later is a link to here (late-nodes.ts). A bound ptmx
 * finds no pts/ beside it and cannot be opened (fs/devpts/inode.c, devpts_ptmx_path). Root makes a node of its own; a
 * user namespace may not, and has a link to the one in here, which has pts/ beside it.
 */
export const HOST_DEV = '.host';

/** Which directories of sysfs are bound from the FUSE tree, with all that is in them; those above are of the tmpfs. */
const BOUND = /^sys\/(devices|module\/[^/]+|class\/[^/]+|bus\/[^/]+\/(devices|drivers)|dev\/char)$/;

/**
 * Those which show ours alone: no real fwctl device; the links of dev/char, which the FUSE tree adds by itself; drivers
 * of a bus whose real devices matter to nobody; the emulated machine's CXL.
 */
export const ALONE: RegExp =
  /^sys\/(class\/fwctl|dev\/char|module\/[^/]+|bus\/(?!pci\/)[^/]+\/drivers\/[^/]+|devices\/platform\/.+)$/;

/** Those whose links the FUSE tree adds by itself, so that they are as the machine's at any time. */
const LINKS = /^sys\/class\/(net|infiniband)$/;

/** Thrown when this machine cannot have a view at all; the message says why and what to do. */
export class PlanError extends Error {}

export function planView(input: PlanInput): ViewPlan {
  const { mode, root } = input;
  const skeleton = emptyShadow();
  const served = emptyShadow();
  const dev = planDev(input, skeleton);
  const mounts: Step[] = [...dev.steps, ...planSys(input, skeleton, served)];
  for (const [name, real] of [
    ['tainted', '/proc/sys/kernel/tainted'],
    ['devices', '/proc/devices'],
    ...(hasMisc(input.devices) ? ([['misc', '/proc/misc']] as const) : []),
    ...(input.modules ? ([['modules', '/proc/modules']] as const) : []),
  ] as const) {
    mounts.push(optionalStep('bind', `${root}/${name}`, real), optionalStep('readonly', real));
  }
  if (input.lockdown) mounts.push(...planLockdown(input, skeleton));
  mounts.push(step('send', `${root}/fuse`), step('detach', root));
  skeleton.directories.push('fuse');
  const fuse = input.plain ? [] : [step('fuse', `${root}/fuse`, 'allow_other,default_permissions')];
  const opening = [step('namespaces', mode), step('private'), step('tmpfs', root, 'mode=755'), step('send', root)];
  return { opening, skeleton, served, fuse, mounts, ownDev: dev.names };
}

/** Whether /proc/misc has more than the machine's own. */
export function hasMisc(devices: readonly ViewDevice[]): boolean {
  return devices.some((device) => device.nodes.some((node) => node.class === 'misc'));
}

/** /dev/fwctl and nodes elsewhere: onto the real ones where there are such, else in a /dev of the view's own. */
function planDev(input: PlanInput, skeleton: Shadow): { steps: Step[]; names?: string[] } {
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
    return {
      steps: [...elsewhereYet.map(({ source, name }) => step('bind', source, `/dev/${name}`)), ...onto, ...log],
    };
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
    if (mode === 'mount') extra.push(optionalStep('ptmx', `${root}/dev/ptmx`, `${HOST_DEV}/ptmx`));
    else skeleton.links.push({ path: 'dev/ptmx', target: `${HOST_DEV}/ptmx` });
  }
  own.set('dev/char', 'alone');
  extra.push(step('bind', `${root}/fuse/char`, `${root}/dev/char`));
  own.set(`dev/${HOST_DEV}`, 'alone');
  extra.push(step('rbind', '/dev', `${root}/dev/${HOST_DEV}`));
  const context = { root, skeleton, served: emptyShadow(), own, taken: (path: string) => taken.has(path), listing };
  const names = real.map(({ name }) => name).filter((name) => !taken.has(`dev/${name}`) && !own.has(`dev/${name}`));
  return { steps: replace(context, '/dev', extra), names };
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
function planSys({ root, sysfs, listing, plain }: PlanInput, skeleton: Shadow, served: Shadow): Step[] {
  if (listing('/sys') === undefined) {
    throw new PlanError('there is no /sys to show devices in: make the directory, or mount sysfs on it');
  }
  const own: Own = new Map();
  const open = (path: string) => own.set(path, LINKS.test(path) ? 'live' : ALONE.test(path) ? 'alone' : 'merged');
  for (const path of sysfs.places()) open(`sys/${path}`);
  // every root bus of the machine: a device may be plugged into any of them later
  for (const { name } of listing('/sys/devices') ?? [])
    if (/^pci[0-9a-f]{4,}:[0-9a-f]{2}$/.test(name)) open(`sys/devices/${name}`);
  const taken = (place: string) => sysfs.owns(place.slice('sys/'.length));
  const context = { root, skeleton, served, own, taken, listing };
  const tops = ['/sys/class', '/sys/bus', '/sys/devices', '/sys/dev/char'];
  if (tops.some((path) => listing(path) === undefined))
    return [...replace(context, '/sys', []), step('readonly', '/sys')];
  if (listing('/sys/module') !== undefined && own.has('sys/module')) tops.push('/sys/module');
  return tops.flatMap((top) => {
    const steps = replace(context, top, []);
    const bound = plain
      ? steps.filter(({ kind, arguments: [from] }) => kind === 'bind' && from?.startsWith(`${root}/fuse/`))
      : [];
    const readonly = bound.map(({ arguments: [from = ''] }) => step('readonly', from.slice(`${root}/fuse`.length)));
    return BOUND.test(top.slice(1)) ? [...steps, ...readonly] : [...steps, ...readonly, step('readonly', top)];
  });
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

type Own = Map<string, OwnKind>;

interface ReplaceContext {
  readonly root: string;
  readonly skeleton: Shadow;
  readonly served: Shadow;
  readonly own: Own;
  readonly taken: (place: string) => boolean;
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
  const bound = [...own.keys()].filter((path) => BOUND.test(path) && `${path}/`.startsWith(`${place}/`));
  const isBelow = (path: string) => bound.some((each) => path.startsWith(`${each}/`));
  const add = (kind: 'directories' | 'files', path: string) =>
    isBelow(path) ? served[kind].push(path.slice('sys/'.length)) : skeleton[kind].push(path);
  for (const path of shadow.directories) add('directories', path);
  for (const path of shadow.files) add('files', path);
  for (const { path, target } of shadow.links)
    if (isBelow(path)) served.links.push({ path: path.slice('sys/'.length), target });
    else skeleton.links.push({ path, target });
  const at = `${root}/${place}`;
  // bound onto itself it is a mount of its own, which can be filled here and then moved with all that it holds
  const whole = bound[0] === place ? [] : [step('bind', at, at)];
  const live = bound.map((each) => step('bind', `${root}/fuse/${each}`, `${root}/${each}`));
  return [...whole, ...live, ...shadow.binds, ...extra, step('move', at, real)];
}
