/**
 * What the daemon serves on the FUSE mount of a view, all live: `fwctl/` and `cxl/`, bound on those of /dev, `char/`,
 * bound on /sys/dev/char, parts of `sys/` (served-sysfs.ts) and `kmsg`, bound on /dev/kmsg. `char/` holds copies of the
 * real links, `MAJ:MIN` of each emulated device, and `0:0`: the device number of any file of a FUSE mount, which tools
 * that asked fstat(2) look up. It differs by caller: it names the device that the caller has open, by /proc/TID/fd.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Caller } from '../kernel/caller.ts';
import type { Kmsg } from '../kernel/kmsg.ts';
import { type DirectoryNode, directory, type LinkNode } from '../transport/fuse/tree.ts';
import { kernelLogNode } from './kernel-log.ts';
import type { DirectoryEntry } from './shadow.ts';
import { charEntries } from './sysfs-tree.ts';
import { fixedName, LIVE_DIRECTORIES, liveDirectory, type ViewDevice, type ViewNode } from './view-device.ts';

export interface ViewTree {
  readonly root: DirectoryNode;
  add(device: ViewDevice): void;
  /** The device is gone from /dev/fwctl and /sys/dev/char at once; its open files are not concerned. */
  remove(device: ViewDevice): void;
}

export interface ViewTreeOptions {
  readonly devices: readonly ViewDevice[];
  /** The entries of the real /sys/dev/char. */
  readonly charLinks: readonly DirectoryEntry[];
  /** Who owns every node; undefined: what the device's own configuration says. A user namespace knows one uid only. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** Stands for /sys. */
  readonly sysfs?: DirectoryNode;
  /** The emulated kernel's log; undefined: the view keeps the machine's. */
  readonly kmsg?: Kmsg | undefined;
  /** Names of the files that a caller has open, by descriptor; procOpenFiles unless a test says otherwise. */
  readonly openFiles?: (caller: Caller) => Iterable<readonly [fd: number, path: string]>;
}

export function viewTree(options: ViewTreeOptions): ViewTree {
  const { devices, charLinks, owner, sysfs = directory(), kmsg, openFiles = procOpenFiles } = options;
  const live = new Map<string, DirectoryNode>(LIVE_DIRECTORIES.map((name) => [name, directory()]));
  const fixed = directory();
  const char = directory(
    charLinks.flatMap(({ name, target }) =>
      target === undefined || name === '0:0' ? [] : [[name, constantLink(target)]],
    ),
  );
  const placeOf = (node: ViewNode) => live.get(liveDirectory(node) ?? '');
  const targets = new Map<string, string>();
  char.entries.set('0:0', { kind: 'link', target: (caller) => openedLast(openFiles(caller), targets) });
  const tree: ViewTree = {
    root: directory([
      ...live,
      ['nodes', fixed],
      ['char', char],
      ['sys', sysfs],
      ...(kmsg === undefined ? [] : [['kmsg', kernelLogNode(kmsg, owner ?? { uid: 0, gid: 0 })] as const]),
    ]),
    add(device) {
      for (const [index, { path, target }] of charEntries(device).entries()) {
        const node = device.nodes[index];
        if (node === undefined) continue;
        targets.set(`/dev/${node.path}`, target);
        char.entries.set(basename(path), constantLink(target));
        const { fileOps, mode, uid, gid } = node;
        const place = placeOf(node);
        const name = place === undefined ? fixedName(node) : node.name;
        (place ?? fixed).entries.set(name, { kind: 'device', fileOps, mode, uid, gid, ...owner });
      }
    },
    remove(device) {
      for (const { path } of charEntries(device)) char.entries.delete(basename(path));
      for (const node of device.nodes) {
        placeOf(node)?.entries.delete(node.name);
        targets.delete(`/dev/${node.path}`);
      }
    },
  };
  for (const device of devices) tree.add(device);
  return tree;
}

/**
 * The link of the device that is open under the highest descriptor: tools look a file up right after opening it, and a
 * process that holds several got the highest number last. Undefined: no emulated device is open.
 */
function openedLast(
  files: Iterable<readonly [fd: number, path: string]>,
  targets: ReadonlyMap<string, string>,
): string | undefined {
  let [highest, found]: [number, string | undefined] = [-1, undefined];
  for (const [fd, path] of files) {
    const target = targets.get(path);
    if (target !== undefined && fd > highest) [highest, found] = [fd, target];
  }
  return found;
}

/** Link texts only: following one would ask the mount that is served by this very thread. */
export function* procOpenFiles({ tid }: Caller): Generator<readonly [number, string]> {
  const directoryPath = `/proc/${tid}/fd`;
  let names: string[] = [];
  let root = '/';
  try {
    names = readdirSync(directoryPath);
    root = readlinkSync(`/proc/${tid}/root`);
  } catch {
    return; // not ours to look into, or gone
  }
  for (const name of names) {
    try {
      yield [Number(name), pathBelow(root, readlinkSync(`${directoryPath}/${name}`))];
    } catch {
      // closed meanwhile
    }
  }
}

/**
 * What the caller calls `path`. When this process or the caller lives in a chroot, the kernel names the files of the
 * view's own mount namespace from the root of that, and the caller's root likewise.
 */
function pathBelow(root: string, path: string): string {
  return root !== '/' && path.startsWith(`${root}/`) ? path.slice(root.length) : path;
}

function constantLink(target: string): LinkNode {
  return { kind: 'link', target: () => target };
}
