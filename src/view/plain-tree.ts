/**
 * A tree as plain directories, links and files, where nobody serves it by FUSE: what the daemon writes into a view's
 * tmpfs. An attribute can be read there and nothing else; a device is an empty file, whose inode says which it is.
 */
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { Errno } from '../kernel/errno.ts';
import type { BytesNode, DeviceNode, DirectoryNode, TextNode, TreeNode } from '../transport/fuse/tree.ts';
import { NOBODY } from './no-caller.ts';

export class PlainTree {
  private readonly place: string;
  private readonly root: DirectoryNode;
  private readonly made: (node: DeviceNode, inode: number, file: string) => void;
  private readonly chown: boolean;

  /**
   * `place`: an empty directory. `made` is told each device's file. `chown`: files get the nodes' owners, which a user
   * namespace has no names for.
   */
  constructor(
    place: string,
    root: DirectoryNode,
    chown: boolean,
    made: (node: DeviceNode, inode: number, file: string) => void,
  ) {
    this.place = place;
    this.root = root;
    this.chown = chown;
    this.made = made;
  }

  /** Makes what is missing and takes away what is gone; what stays is not touched. */
  sync(): void {
    this.fill(this.place, this.root);
  }

  private fill(at: string, { entries }: DirectoryNode): void {
    const there = new Set(readdirSync(at));
    const wanted = new Set(entries.keys());
    for (const name of there) if (!wanted.has(name)) rmSync(`${at}/${name}`, { recursive: true, force: true });
    for (const name of wanted) {
      const node = entries.get(name);
      if (node === undefined) continue;
      if (!there.has(name)) this.make(`${at}/${name}`, node);
      if (node.kind === 'directory') this.fill(`${at}/${name}`, node);
    }
  }

  private make(path: string, node: TreeNode): void {
    switch (node.kind) {
      case 'directory':
        mkdirSync(path);
        chmodSync(path, 0o755);
        return;
      case 'link': {
        const target = node.target(NOBODY);
        if (target !== undefined) symlinkSync(target, path);
        return;
      }
      case 'text':
      case 'bytes':
        this.write(path, contentOf(node, true), node.mode);
        return;
      case 'device':
        this.write(path, '', node.mode);
        if (this.chown) chownSync(path, node.uid, node.gid);
        this.made(node, statSync(path).ino, path);
        return;
      case 'stream': // a plain file can be none
    }
  }

  private write(path: string, content: string | Uint8Array, mode: number): void {
    writeFileSync(path, content);
    chmodSync(path, mode);
  }
}

/** Longer than any attribute of bytes that says its own end. */
const MOST_BYTES = 1 << 20;

/** All of it at this moment; what cannot be read is empty. `privileged`: as for who has CAP_SYS_ADMIN. */
export function contentOf(node: TextNode | BytesNode, privileged: boolean): string | Uint8Array {
  try {
    return node.kind === 'text' ? node.read() : node.read(0, node.size || MOST_BYTES, privileged);
  } catch (error) {
    if (error instanceof Errno) return '';
    throw error;
  }
}
