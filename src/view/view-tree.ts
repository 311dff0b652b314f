/**
 * What the daemon serves on the FUSE mount of a view, all live: `fwctl/` and `cxl/`, bound on those of /dev, parts of
 * `sys/` (view-sysfs.ts) and `kmsg`, bound on /dev/kmsg. In sys/dev/char there is, beside the links of the devices, a
 * `0:0`: the device number of any file of a FUSE mount, which tools that asked fstat(2) look up. It differs by caller:
 * it names the device that the caller asked about last (last-asked.ts), or else one that it has open, by /proc/TID/fd.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import type { Caller } from '../kernel/caller.ts';
import type { Kmsg } from '../kernel/kmsg.ts';
import {
  type DeviceNode,
  type DirectoryNode,
  directory,
  type Entries,
  type LinkNode,
  type MapDirectory,
} from '../transport/fuse/tree.ts';
import type { NotifyNodes } from '../transport/notify/nodes.ts';
import { HostLinks } from './host-links.ts';
import { kernelLogNode } from './kernel-log.ts';
import { LastAsked } from './last-asked.ts';
import type { NameEvents } from './name-events.ts';
import { fixedName, LIVE_DIRECTORIES, liveDirectory, type ViewDevice, type ViewNode } from './view-device.ts';
import type { ViewSysfs } from './view-sysfs.ts';

/** /dev/char, as udev fills it: a link for each of our nodes, and the machine's own. */
class CharLinks implements Entries {
  private readonly numbers: ReadonlyMap<string, string>;
  private readonly machine = new HostLinks('/dev/char');
  /** By number; undefined: to be made when somebody looks. */
  private made: Map<string, LinkNode> | undefined;

  /** `numbers`: device numbers by path, `/dev/fwctl/fwctl0`. */
  constructor(numbers: ReadonlyMap<string, string>) {
    this.numbers = numbers;
  }

  /** The numbers have changed. */
  forget(): void {
    this.made = undefined;
  }

  get(number: string): LinkNode | undefined {
    return this.own().get(number) ?? this.machine.get(number);
  }

  keys(): string[] {
    return [...new Set([...this.own().keys(), ...this.machine.keys()])];
  }

  private own(): Map<string, LinkNode> {
    this.made ??= new Map(
      Array.from(this.numbers, ([path, number]) => [
        number,
        { kind: 'link', target: () => path.replace('/dev/', '../') },
      ]),
    );
    return this.made;
  }
}

export interface ViewTree {
  readonly root: DirectoryNode;
  add(device: ViewDevice): void;
  /** The device is gone from /dev/fwctl at once; its open files are not concerned. */
  remove(device: ViewDevice): void;
}

export interface ViewTreeOptions {
  readonly devices: readonly ViewDevice[];
  /** Has the devices' entries, and follows plug and unplug by itself. */
  readonly sysfs: ViewSysfs;
  /** Who owns every node; undefined: what the device's own configuration says. A user namespace knows one uid only. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** Tells the kernel of nodes that come and go; undefined: nobody does. */
  readonly events?: NameEvents | undefined;
  /** The emulated kernel's log; undefined: the view keeps the machine's. */
  readonly kmsg?: Kmsg | undefined;
  /** Is told of the nodes with their numbers. */
  readonly numbered?: Pick<NotifyNodes, 'add' | 'remove'> | undefined;
  /** Names of the files that a caller has open, by descriptor; procOpenFiles unless a test says otherwise. */
  readonly openFiles?: (caller: Caller) => Iterable<readonly [fd: number, path: string]>;
}

export function viewTree(options: ViewTreeOptions): ViewTree {
  const { devices, sysfs, owner, kmsg, numbered, openFiles = procOpenFiles } = options;
  const live = new Map<string, MapDirectory>(LIVE_DIRECTORIES.map((name) => [name, { ...directory(), lasting: true }]));
  /** Of what is there from the start nobody is told. */
  let events: NameEvents | undefined;
  const fixed = directory();
  const placeOf = (node: ViewNode) => live.get(liveDirectory(node) ?? '');
  /** Of each node, by its path, its name in /sys/dev/char. */
  const numbers = new Map<string, string>();
  const asked = new LastAsked();
  const target = (caller: Caller) => {
    const number = numbers.get(asked.by(caller.tid) ?? '') ?? openedLast(openFiles(caller), numbers);
    const link = sysfs.char.get(number ?? '');
    return link?.kind === 'link' ? link.target(caller) : undefined;
  };
  sysfs.served.put('dev/char/0:0', { kind: 'link', target });
  const chars = new CharLinks(numbers);
  const tree: ViewTree = {
    root: directory([
      ...live,
      ['nodes', fixed],
      ['char', { kind: 'directory', entries: chars }],
      ['sys', sysfs.served.root],
      ...(kmsg === undefined ? [] : [['kmsg', kernelLogNode(kmsg, owner ?? { uid: 0, gid: 0 })] as const]),
    ]),
    add(device) {
      for (const node of device.nodes) {
        const { fileOps, mode, uid, gid } = node;
        const devPath = `/dev/${node.path}`;
        numbers.set(devPath, `${node.major}:${node.minor}`);
        chars.forget();
        const place = placeOf(node);
        const told = (tid: number) => {
          asked.note(tid, devPath);
          return numbers.size > 1; // of one device it does not matter, and each open is cheaper
        };
        const shown: DeviceNode = { kind: 'device', fileOps, mode, uid, gid, ...owner, asked: told };
        numbered?.add({ path: devPath, node: shown, major: node.major, minor: node.minor });
        if (place === undefined) fixed.entries.set(fixedName(node), shown);
        else if (events === undefined) place.entries.set(node.name, shown);
        else events.put(place, node.path, shown);
      }
    },
    remove(device) {
      for (const node of device.nodes) {
        numbers.delete(`/dev/${node.path}`);
        chars.forget();
        numbered?.remove(`/dev/${node.path}`);
        const place = placeOf(node);
        if (place === undefined) continue;
        if (events === undefined) place.entries.delete(node.name);
        else events.take(place, node.path);
      }
    },
  };
  for (const device of devices) tree.add(device);
  events = options.events;
  return tree;
}

/**
 * Of a process that has asked nothing, with descriptors of another's: the number of the device under the highest one,
 * as who holds several got the highest number last. Undefined: no emulated device is open.
 */
function openedLast(
  files: Iterable<readonly [fd: number, path: string]>,
  numbers: ReadonlyMap<string, string>,
): string | undefined {
  let [highest, found]: [number, string | undefined] = [-1, undefined];
  for (const [fd, path] of files) {
    const number = numbers.get(path);
    if (number !== undefined && fd > highest) [highest, found] = [fd, number];
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
