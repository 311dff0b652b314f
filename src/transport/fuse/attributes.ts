/**
 * fuse_attr of a tree's nodes, and what chmod(2), chown(2) and utimensat(2) keep of them, in devtmpfs and in sysfs
 * alike (shmem_setattr(), kernfs_iop_setattr()). Names are never cached by the kernel, so that an unplugged device is
 * gone at once; attributes are for a moment: they change by those calls alone, whose answers bring the new ones.
 */
import {
  attr,
  FATTR_ATIME,
  FATTR_ATIME_NOW,
  FATTR_GID,
  FATTR_MODE,
  FATTR_MTIME,
  FATTR_MTIME_NOW,
  FATTR_UID,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
  STATX_ALL,
  STATX_BTIME,
  setattrIn,
  statx,
} from '../../abi/fuse.ts';
import { REQUEST_BODY } from './reply.ts';
import type { TreeNode } from './tree.ts';

/** Seconds. Without it the kernel asks for the attributes of the mount's root and of the file again at every open. */
const ATTR_VALID = 1;
/** What stays is not asked for again: seconds, a year. It outlives this daemon then, and what is mounted on it too. */
const LASTING_VALID = 31_536_000;
/** Preferred I/O size, and what devtmpfs tells of a device node. */
const BLOCK = 4096;

/** Since the epoch, as the protocol has it: seconds may be negative. */
interface Time {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

interface Kept {
  /** Permission bits; undefined: the node's own. */
  mode: number | undefined;
  uid: number;
  gid: number;
  atime: Time;
  mtime: Time;
  ctime: Time;
}

export class Attributes {
  private readonly started = now();
  /** Of the nodes that somebody changed. */
  private readonly kept = new WeakMap<TreeNode, Kept>();

  /** How long the kernel may keep what the thread is told, seconds. */
  validity(node: TreeNode, tid: number): number {
    if (isLasting(node)) return LASTING_VALID;
    return node.kind === 'device' && node.asked?.(tid) === true ? 0 : ATTR_VALID;
  }

  /** The same of its name. */
  entryValidity(node: TreeNode): number {
    return isLasting(node) ? LASTING_VALID : 0;
  }

  /** Writes a fuse_attr at `at`; the place is zero already. */
  put(view: DataView, at: number, id: number, node: TreeNode): void {
    const { mode, uid, gid, atime, mtime, ctime } = this.of(node);
    view.setUint32(at + attr.ino, id, true);
    putTime(view, at + attr.atime, at + attr.atimensec, atime);
    putTime(view, at + attr.mtime, at + attr.mtimensec, mtime);
    putTime(view, at + attr.ctime, at + attr.ctimensec, ctime);
    view.setUint32(at + attr.blksize, BLOCK, true);
    view.setUint32(at + attr.nlink, links(node), true);
    view.setUint32(at + attr.mode, fileType(node) | (mode ?? ownMode(node)), true);
    view.setUint32(at + attr.size, sizeOf(node), true);
    view.setUint32(at + attr.uid, uid, true);
    view.setUint32(at + attr.gid, gid, true);
  }

  /** Writes a fuse_statx likewise. A node of /dev has a time of birth, as in devtmpfs; sysfs has none. */
  putStatx(view: DataView, at: number, id: number, node: TreeNode): void {
    const { mode, uid, gid, atime, mtime, ctime } = this.of(node);
    const born = node.kind === 'device' || node.kind === 'stream';
    view.setUint32(at + statx.mask, born ? STATX_ALL : STATX_ALL & ~STATX_BTIME, true);
    putTime(view, at + statx.atime, at + statx.atime + 8, atime);
    putTime(view, at + statx.mtime, at + statx.mtime + 8, mtime);
    putTime(view, at + statx.ctime, at + statx.ctime + 8, ctime);
    putTime(view, at + statx.btime, at + statx.btime + 8, this.started);
    view.setUint32(at + statx.blksize, BLOCK, true);
    view.setUint32(at + statx.nlink, links(node), true);
    view.setUint32(at + statx.uid, uid, true);
    view.setUint32(at + statx.gid, gid, true);
    view.setUint16(at + statx.mode, fileType(node) | (mode ?? ownMode(node)), true);
    view.setUint32(at + statx.ino, id, true);
    view.setUint32(at + statx.size, sizeOf(node), true);
  }

  /** Permission bits as they stand. */
  mode(node: TreeNode): number {
    return this.kept.get(node)?.mode ?? ownMode(node);
  }

  /** What a SETATTR says of mode, owner and times. */
  change(node: TreeNode, request: DataView): void {
    const valid = request.getUint32(REQUEST_BODY + setattrIn.valid, true);
    const word = (field: number) => request.getUint32(REQUEST_BODY + field, true);
    const has = (bit: number) => (valid & bit) !== 0;
    const time = (which: 'atime' | 'mtime') => ({
      seconds: request.getBigInt64(REQUEST_BODY + setattrIn[which], true),
      nanoseconds: word(setattrIn[`${which}nsec`]),
    });
    const kept = this.begin(node);
    if (has(FATTR_MODE)) this.chmod(node, word(setattrIn.mode));
    if (has(FATTR_UID)) kept.uid = word(setattrIn.uid);
    if (has(FATTR_GID)) kept.gid = word(setattrIn.gid);
    if (has(FATTR_ATIME)) kept.atime = has(FATTR_ATIME_NOW) ? kept.ctime : time('atime');
    if (has(FATTR_MTIME)) kept.mtime = has(FATTR_MTIME_NOW) ? kept.ctime : time('mtime');
  }

  chmod(node: TreeNode, mode: number): void {
    this.begin(node).mode = mode & 0o7777;
  }

  /** A change of the inode: its ctime is now. */
  private begin(node: TreeNode): Kept {
    const kept = this.of(node);
    kept.ctime = now();
    this.kept.set(node, kept);
    return kept;
  }

  private of(node: TreeNode): Kept {
    const kept = this.kept.get(node);
    if (kept !== undefined) return kept;
    const { started } = this;
    const owned = node.kind === 'device' || node.kind === 'stream';
    const { uid, gid } = owned ? node : ROOT;
    return { mode: undefined, uid, gid, atime: started, mtime: started, ctime: started };
  }
}

function isLasting(node: TreeNode): boolean {
  return (node.kind === 'directory' || node.kind === 'text') && node.lasting === true;
}

const ROOT = { uid: 0, gid: 0 } as const;

function putTime(view: DataView, seconds: number, nanoseconds: number, time: Time): void {
  view.setBigInt64(seconds, time.seconds, true);
  view.setUint32(nanoseconds, time.nanoseconds, true);
}

function now(): Time {
  const milliseconds = Date.now();
  return { seconds: BigInt(Math.floor(milliseconds / 1000)), nanoseconds: (milliseconds % 1000) * 1_000_000 };
}

function ownMode(node: TreeNode): number {
  if (node.kind === 'directory') return 0o755;
  return node.kind === 'link' ? 0o777 : node.mode;
}

function links({ kind }: TreeNode): number {
  return kind === 'directory' ? 2 : 1;
}

function sizeOf(node: TreeNode): number {
  return node.kind === 'text' || node.kind === 'bytes' ? (node.size ?? 0) : 0;
}

function fileType({ kind }: TreeNode): number {
  if (kind === 'directory') return S_IFDIR;
  return kind === 'link' ? S_IFLNK : S_IFREG;
}
