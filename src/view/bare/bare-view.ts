/**
 * The view of a machine that allows no mounts: nothing is mounted, and calls on paths are answered by notification
 * (transport/notify). Dearer than a view by mounts, and narrower: it has our paths alone.
 */
import { lockdownText } from '../../kernel/lockdown.ts';
import { directory, type MapDirectory, type TextNode, type TreeNode } from '../../transport/fuse/tree.ts';
import { NotifyNodes } from '../../transport/notify/nodes.ts';
import { hostProcModules, privateBase } from '../host-facts.ts';
import { modulesOfAll, procModulesWith } from '../modules.ts';
import { ALONE, hasMisc } from '../plan.ts';
import { procDevicesText, procMiscText } from '../proc-texts.ts';
import { step } from '../steps.ts';
import type { ViewChild } from '../view-child.ts';
import { liveDirectories, type ViewDevice } from '../view-device.ts';
import type { BareNodes, Shown, ViewOptions } from '../view-parts.ts';
import { ViewSysfs } from '../view-sysfs.ts';
import { viewTree } from '../view-tree.ts';
import { Listings } from './listings.ts';
import { Overlay } from './overlay.ts';
import { BarePaths } from './path-calls.ts';

/** Directories of /dev which show ours alone; those of sysfs are the plan's (`ALONE`), or no places. */
const OWN_DEV = /^\/dev\/(fwctl|cxl)$/;

/** Steps of the child that nothing has been asked of yet, up to the command. */
export async function furnishBare(
  options: ViewOptions,
  { native, serve, refused }: BareNodes,
  child: ViewChild,
): Promise<Shown> {
  const { devices, lockdown = 'none' } = options;
  const sysfs = new ViewSysfs(devices);
  const nodes = new NotifyNodes();
  const owner = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const tree = viewTree({ devices, sysfs, owner, numbered: nodes });
  let tainted = 0n;
  const texts: [string, () => string][] = [
    ['proc/sys/kernel/tainted', () => `${tainted}\n`],
    ['proc/devices', () => procDevicesText(devices)],
    ['proc/modules', () => procModulesWith(hostProcModules() ?? '', modulesOfAll(devices))],
    ...(hasMisc(devices) ? [['proc/misc', () => procMiscText(devices)] as [string, () => string]] : []),
    ...(lockdown === 'none'
      ? []
      : [['sys/kernel/security/lockdown', () => lockdownText(lockdown)] as [string, () => string]]),
  ];
  const root = directory();
  placeOf(root, 'dev');
  root.entries.set('sys', sysfs.served.root);
  for (const [path, read] of texts.filter(([path]) => path.startsWith('proc/'))) put(root, path, text(read));
  for (const [path, read] of texts.filter(([path]) => path.startsWith('sys/')))
    sysfs.served.put(path.slice('sys/'.length), text(read));
  for (const name of liveDirectories(devices)) {
    const live = tree.root.entries.get(name);
    if (live !== undefined) put(root, `dev/${name}`, live);
  }
  const devChar = placeOf(root, 'dev/char');
  const show = (device: ViewDevice) => {
    for (const node of device.nodes) {
      const known = nodes.at(`/dev/${node.path}`);
      devChar.entries.set(`${node.major}:${node.minor}`, { kind: 'link', target: () => `../${node.path}` });
      if (known !== undefined && !liveDirectories([device]).some((name) => node.path.startsWith(`${name}/`)))
        put(root, `dev/${node.path}`, known.node);
    }
  };
  for (const device of devices) show(device);
  const isAlone = (path: string) =>
    OWN_DEV.test(path) ||
    ALONE.test(path.slice(1)) ||
    (path.startsWith('/sys/') && !sysfs.served.isPlace(path.slice('/sys/'.length)));
  const listings = new Listings(privateBase(process.env.XDG_RUNTIME_DIR), native);
  const prefixes = [
    '=/dev',
    ...['fwctl', 'cxl', 'char', 'vfio', 'iommu'].map((name) => `/dev/${name}`),
    '/sys',
    ...texts.filter(([path]) => path.startsWith('proc/')).map(([path]) => `=/${path}`),
  ];
  const overlay = new Overlay(root, isAlone);
  const paths = new BarePaths({ overlay, listings, nodes, prefixes, refused });
  try {
    await child.channel.run([step('filter', 'paths')]);
    serve(child.takeDescriptor(), nodes, paths, child.pid, undefined);
  } catch (error) {
    listings.remove();
    throw error;
  }
  return {
    taint(value) {
      tainted = BigInt(value);
    },
    addDevice(device) {
      sysfs.add(device);
      tree.add(device);
      show(device);
    },
    removeDevice(device) {
      tree.remove(device);
      sysfs.remove(device);
      for (const node of device.nodes) devChar.entries.delete(`${node.major}:${node.minor}`);
    },
    close: () => listings.remove(),
  };
}

function text(read: () => string): TextNode {
  return { kind: 'text', mode: 0o444, read };
}

/** The directory, made with those above it where they are missing. */
function placeOf(root: MapDirectory, path: string): MapDirectory {
  let at = root;
  for (const name of path.split('/')) {
    const next = at.entries.get(name) ?? directory();
    at.entries.set(name, next);
    at = next as MapDirectory;
  }
  return at;
}

function put(root: MapDirectory, path: string, node: TreeNode): void {
  const slash = path.lastIndexOf('/');
  placeOf(root, path.slice(0, slash)).entries.set(path.slice(slash + 1), node);
}
