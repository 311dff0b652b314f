/**
 * What a FUSE mount shows: a small tree of directories, device files, links and text files.
 * Plain data; the session (session.ts) gives it node ids. Directories are live: entries may be added and removed
 * while mounted, nothing is cached by the kernel (entry and attribute validity are zero).
 */
import type { Caller } from '../../kernel/caller.ts';
import type { FileOps } from '../../kernel/file-ops.ts';

export interface DirectoryNode {
  readonly kind: 'directory';
  readonly entries: Map<string, TreeNode>;
}

/** A device node. A mounted FUSE tree shows it as a regular file of size 0. */
export interface DeviceNode {
  readonly kind: 'device';
  readonly fileOps: FileOps;
  /** Permission bits, e.g. 0o600; changed by chmod(2). */
  mode: number;
  uid: number;
  gid: number;
}

export interface LinkNode {
  readonly kind: 'link';
  /** The link's text for this caller; undefined: the link does not exist for it (ENOENT). */
  target(caller: Caller): string | undefined;
}

export interface TextNode {
  readonly kind: 'text';
  readonly mode: number;
  /** The content at this moment. */
  read(): string;
}

export type TreeNode = DirectoryNode | DeviceNode | LinkNode | TextNode;

export function directory(entries: Iterable<readonly [string, TreeNode]> = []): DirectoryNode {
  return { kind: 'directory', entries: new Map(entries) };
}
