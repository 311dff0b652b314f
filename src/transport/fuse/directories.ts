/**
 * Open directories: each descriptor has a listing of its own, taken when it is read from its start (opendir(3),
 * rewinddir(3)) and kept to its release, so that places (telldir(3)) hold whatever comes and goes. As in tmpfs
 * (offset_readdir() of fs/libfs.c), what is gone is left out, and what came since is not in it.
 */
import { ERRNO } from '../../abi/errno.ts';
import { dirent, openOut, readIn, releaseIn, S_IFDIR, S_IFLNK, S_IFREG } from '../../abi/fuse.ts';
import type { Caller } from '../../kernel/caller.ts';
import { NO_DEVICE } from './file-requests.ts';
import type { NodeTable } from './node-table.ts';
import { type FuseBuffers, REPLY_BODY, REQUEST_BODY } from './reply.ts';
import { type DirectoryNode, isThere, type TreeNode } from './tree.ts';

const encoder = new TextEncoder();
/** The most of one answer, bytes; the kernel asks for a page. */
const MOST = 32 * 4096;
/** `.` and `..` stand at places 0 and 1, the name n at place n + 2. */
const DOTS = ['.', '..'] as const;

/** The names at one moment; `undefined`: not read yet. */
type Names = readonly string[] | undefined;

export class Directories {
  private readonly listings = new Map<number, Names>();
  /** Of each directory, the listing that was taken last: a thousand readers of an unchanged one share it. */
  private readonly latest = new WeakMap<DirectoryNode, WeakRef<readonly string[]>>();
  private readonly buffers: FuseBuffers;
  private readonly nodes: NodeTable;
  private next = 0;

  constructor(buffers: FuseBuffers, nodes: NodeTable) {
    this.buffers = buffers;
    this.nodes = nodes;
  }

  /** OPENDIR. */
  open(): number {
    do this.next = ((this.next + 1) | NO_DEVICE) >>> 0;
    while (this.listings.has(this.next));
    this.listings.set(this.next, undefined);
    this.buffers.clearBody(openOut.bytes);
    this.buffers.reply.setUint32(REPLY_BODY + openOut.fh, this.next, true);
    return this.buffers.answer(openOut.bytes);
  }

  /** READDIR: as many entries as have room, from the place that the kernel names. */
  read(node: DirectoryNode, caller: Caller): number {
    const { request } = this.buffers;
    const handle = request.getUint32(REQUEST_BODY + readIn.fh, true);
    if (!this.listings.has(handle)) return this.buffers.refuse(ERRNO.EBADF);
    const limit = REPLY_BODY + Math.min(request.getUint32(REQUEST_BODY + readIn.size, true), MOST);
    const first = Number(request.getBigUint64(REQUEST_BODY + readIn.offset, true));
    const names = this.listing(handle, node, first);
    let at: number = REPLY_BODY;
    for (let place = first; place < names.length + DOTS.length; place++) {
      const name = DOTS[place] ?? (names[place - DOTS.length] as string);
      const child = place < DOTS.length ? node : node.entries.get(name);
      if (child === undefined || !isThere(child, caller)) continue;
      const end = this.put(at, limit, place, name, child);
      if (end === undefined) break;
      at = end;
    }
    return this.buffers.answer(at - REPLY_BODY);
  }

  /** RELEASEDIR. */
  release(): number {
    this.listings.delete(this.buffers.request.getUint32(REQUEST_BODY + releaseIn.fh, true));
    return this.buffers.answer(0);
  }

  private listing(handle: number, node: DirectoryNode, first: number): readonly string[] {
    const begun = this.listings.get(handle);
    if (begun !== undefined && first !== 0) return begun;
    const before = this.latest.get(node)?.deref();
    const names = Array.from(node.entries.keys());
    const same = before?.length === names.length && names.every((name, i) => name === before[i]);
    const taken = same ? before : names;
    if (!same) this.latest.set(node, new WeakRef(taken));
    this.listings.set(handle, taken);
    return taken;
  }

  /** One entry: where it ends; undefined: it has no room. */
  private put(at: number, limit: number, place: number, name: string, child: TreeNode): number | undefined {
    const { reply, replyBytes } = this.buffers;
    const encoded = encoder.encode(name);
    const end = at + ((dirent.bytes + encoded.length + 7) & ~7);
    if (end > limit) return undefined;
    replyBytes.fill(0, at, end);
    reply.setUint32(at + dirent.ino, this.nodes.idOf(child), true);
    reply.setUint32(at + dirent.off, place + 1, true);
    reply.setUint32(at + dirent.namelen, encoded.length, true);
    reply.setUint32(at + dirent.type, DIRENT_TYPE[child.kind], true);
    replyBytes.set(encoded, at + dirent.bytes);
    return end;
  }
}

/** d_type of a listing: S_IFMT >> 12. */
const DIRENT_TYPE: Readonly<Record<TreeNode['kind'], number>> = {
  directory: S_IFDIR >> 12,
  device: S_IFREG >> 12,
  text: S_IFREG >> 12,
  bytes: S_IFREG >> 12,
  stream: S_IFREG >> 12,
  link: S_IFLNK >> 12,
};
