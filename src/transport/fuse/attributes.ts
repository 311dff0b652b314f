/** fuse_attr of a tree's nodes. Nothing is cached by the kernel: the validities stay zero. */
import { attr, S_IFDIR, S_IFLNK, S_IFREG } from '../../abi/fuse.ts';
import type { TreeNode } from './tree.ts';

/** Preferred I/O size, and what devtmpfs tells of a device node. */
const BLOCK = 4096;

/** Writes the attributes at `at`; the place is zero already. `started` is seconds since the epoch. */
export function putAttributes(view: DataView, at: number, id: number, node: TreeNode, started: number): void {
  view.setUint32(at + attr.ino, id, true);
  for (const time of [attr.atime, attr.mtime, attr.ctime]) view.setUint32(at + time, started, true);
  view.setUint32(at + attr.blksize, BLOCK, true);
  view.setUint32(at + attr.nlink, node.kind === 'directory' ? 2 : 1, true);
  view.setUint32(at + attr.mode, fileMode(node), true);
  if (node.kind === 'device') {
    view.setUint32(at + attr.uid, node.uid, true);
    view.setUint32(at + attr.gid, node.gid, true);
  }
}

function fileMode(node: TreeNode): number {
  switch (node.kind) {
    case 'directory':
      return S_IFDIR | 0o755;
    case 'link':
      return S_IFLNK | 0o777;
    case 'device':
    case 'text':
      return S_IFREG | node.mode;
  }
}
