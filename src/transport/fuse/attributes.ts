/**
 * fuse_attr of a tree's nodes. Names are never cached by the kernel, so that an unplugged device is gone at once;
 * attributes are for a moment: they change by chmod(2) and chown(2) alone, whose answers bring the new ones.
 */
import { attr, S_IFDIR, S_IFLNK, S_IFREG } from '../../abi/fuse.ts';
import type { TreeNode } from './tree.ts';

/** Seconds. Without it the kernel asks for the attributes of the mount's root and of the file again at every open. */
const ATTR_VALID = 1;
/** What stays is not asked for again: seconds, a year. It outlives this daemon then, and what is mounted on it too. */
const LASTING_VALID = 31_536_000;
/** Preferred I/O size, and what devtmpfs tells of a device node. */
const BLOCK = 4096;

function isLasting(node: TreeNode): boolean {
  return (node.kind === 'directory' || node.kind === 'text') && node.lasting === true;
}

/** How long the kernel may keep the node's attributes, seconds. */
export function attrValidity(node: TreeNode): number {
  return isLasting(node) ? LASTING_VALID : ATTR_VALID;
}

/** The same of its name. */
export function entryValidity(node: TreeNode): number {
  return isLasting(node) ? LASTING_VALID : 0;
}

/** Writes the attributes at `at`; the place is zero already. `started` is seconds since the epoch. */
export function putAttributes(view: DataView, at: number, id: number, node: TreeNode, started: number): void {
  view.setUint32(at + attr.ino, id, true);
  for (const time of [attr.atime, attr.mtime, attr.ctime]) view.setUint32(at + time, started, true);
  view.setUint32(at + attr.blksize, BLOCK, true);
  view.setUint32(at + attr.nlink, node.kind === 'directory' ? 2 : 1, true);
  view.setUint32(at + attr.mode, fileMode(node), true);
  if (node.kind === 'text' && node.size !== undefined) view.setUint32(at + attr.size, node.size, true);
  if (node.kind === 'device' || node.kind === 'stream') {
    view.setUint32(at + attr.uid, node.uid, true);
    view.setUint32(at + attr.gid, node.gid, true);
  }
}

function fileMode(node: TreeNode): number {
  if (node.kind === 'directory') return S_IFDIR | 0o755;
  return node.kind === 'link' ? S_IFLNK | 0o777 : S_IFREG | node.mode;
}
