/** Device nodes as callers by notification see them: numbered, found by path or placeholder, with their attributes. */
import { constants, statSync } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import { attr } from '../../abi/fuse.ts';
import type { Caller } from '../../kernel/caller.ts';
import { Attributes } from '../fuse/attributes.ts';
import type { DeviceNode } from '../fuse/tree.ts';
import { groupsOf } from '../proc-caller.ts';

export interface NumberedNode {
  /** `/dev/fwctl/fwctl0`. */
  readonly path: string;
  readonly node: DeviceNode;
  readonly major: number;
  readonly minor: number;
}

export interface KnownNode extends NumberedNode {
  readonly index: number;
  /** The device has been unplugged. */
  gone: boolean;
  /** Its placeholder, as a path of the daemon's. */
  file: string | undefined;
}

/** include/uapi/linux/stat.h */
const S_IFCHR = 0o020000;
/** Inode numbers of devtmpfs are small; these begin where nobody looks for a meaning. */
const FIRST_INODE = 1000;

export class NotifyNodes {
  readonly attributes = new Attributes();
  /** Of all that there ever were: an open file keeps its node's number. */
  private readonly all: KnownNode[] = [];
  private readonly byNode = new WeakMap<DeviceNode, KnownNode>();
  private readonly paths = new Map<string, KnownNode>();
  private readonly places = new Map<number, KnownNode>();

  add(numbered: NumberedNode): void {
    const known: KnownNode = { ...numbered, index: this.all.length, gone: false, file: undefined };
    this.all.push(known);
    this.byNode.set(known.node, known);
    this.paths.set(known.path, known);
  }

  /** The node has a placeholder of that inode, at the daemon's path `file`. */
  place(node: DeviceNode, inode: number, file: string): void {
    const known = this.of(node);
    if (known === undefined) return;
    known.file = file;
    this.places.set(inode, known);
  }

  /** Its placeholder is known as long as somebody may have it open. */
  remove(path: string): void {
    const known = this.paths.get(path);
    if (known !== undefined) known.gone = true;
    this.paths.delete(path);
  }

  /** Permission bits and owner at this moment: of a placeholder what chmod(2) and chown(2) have made of it. */
  rights({ node, file }: KnownNode): { readonly mode: number; readonly uid: number; readonly gid: number } {
    const found = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
    return found ?? { mode: this.attributes.mode(node), uid: node.uid, gid: node.gid };
  }

  get(index: number): KnownNode | undefined {
    return this.all[index];
  }

  at(path: string): KnownNode | undefined {
    return this.paths.get(path);
  }

  of(node: DeviceNode): KnownNode | undefined {
    return this.byNode.get(node);
  }

  atPlace(inode: number): KnownNode | undefined {
    return this.places.get(inode);
  }

  /** Writes the fuse_attr of a character device. */
  put(known: KnownNode, view: DataView, at: number): void {
    const { node, major, minor, index } = known;
    this.attributes.put(view, at, FIRST_INODE + index, node);
    view.setUint32(at + attr.mode, S_IFCHR | (this.rights(known).mode & 0o7777), true);
    view.setUint32(at + attr.rdev, (major << 8) | (minor & 0xff) | ((minor & 0xfff00) << 12), true);
  }
}

/** Bits of access(2). */
export const ACCESS = { read: 4, write: 2, execute: 1 } as const;

/** What open(2) with these flags wants. */
export function wantedBy(flags: number): number {
  const mode = flags & 3;
  if (mode === constants.O_RDONLY) return ACCESS.read;
  return mode === constants.O_WRONLY ? ACCESS.write : ACCESS.read | ACCESS.write;
}

/**
 * As generic_permission() of fs/namei.c: 0 or an errno. `own`: who is the owner in the caller's eyes besides `uid`: a
 * view of an own user namespace shows one user as another.
 */
export function permission(
  { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number },
  caller: Caller & { readonly tid: number },
  wanted: number,
  own?: number,
): number {
  if (caller.uid === 0) return (wanted & ACCESS.execute) !== 0 && (mode & 0o111) === 0 ? ERRNO.EACCES : 0;
  const isOwner = caller.uid === (own ?? uid);
  const inGroup = () => caller.gid === gid || groupsOf(caller.tid).includes(gid);
  const bits = isOwner ? mode >> 6 : own === undefined && inGroup() ? mode >> 3 : mode;
  return (bits & wanted) === wanted ? 0 : ERRNO.EACCES;
}
