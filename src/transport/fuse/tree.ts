/**
 * What a FUSE mount shows: a small tree of directories, device files, links, texts, bytes and a log. Plain data;
 * session.ts gives node ids. Directories are live, mounted too: names are not cached by the kernel (entry validity is
 * zero).
 */
import type { Caller } from '../../kernel/caller.ts';
import type { FileOps } from '../../kernel/file-ops.ts';

export interface DirectoryNode {
  readonly kind: 'directory';
  readonly entries: Entries;
  /** It stays as it is as long as the mount does: the kernel need not ask again. */
  readonly lasting?: boolean;
  /** What one thread is let do, so that the kernel tells of it. */
  change?: NameChange | undefined;
}

/** A change of a directory that has been made here already, and that a thread makes once more by a system call. */
export interface NameChange {
  readonly tid: number;
  /** The name came: to the thread it is not there yet. Otherwise it went, and is there still. */
  readonly came: boolean;
  readonly name: string;
  readonly node: TreeNode;
}

/** What a directory holds, by name. A Map is one; others make their nodes when they are asked for. */
export interface Entries {
  /** The same node at each call, as long as it is there. */
  get(name: string): TreeNode | undefined;
  keys(): Iterable<string>;
}

/** A device node. A mounted FUSE tree shows it as a regular file of size 0. */
export interface DeviceNode {
  readonly kind: 'device';
  readonly fileOps: FileOps;
  /** Permission bits, e.g. 0o600, and owner, until somebody changes them (attributes.ts). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Told which thread looked the file up, opened it or asked for its attributes; true: that is not to be cached. */
  asked?(tid: number): boolean;
}

export interface LinkNode {
  readonly kind: 'link';
  /** The link's text for this caller; undefined: the link does not exist for it (ENOENT). */
  target(caller: Caller): string | undefined;
}

/** A file as sysfs has them: its mode bits alone decide who may open it for what, root too (fs/kernfs/file.c). */
export interface TextNode {
  readonly kind: 'text';
  readonly mode: number;
  /** As of a directory. */
  lasting?: boolean;
  /** What stat(2) says, bytes; 0 unless told. */
  readonly size?: number;
  /** The content at this moment. Throws Errno. */
  read(): string | Uint8Array;
  /** One write(2), taken as a whole. Throws Errno. Absent: every write is EIO, as of an attribute without store. */
  write?(bytes: Uint8Array): void;
}

/** A binary attribute of sysfs: a read(2) or write(2) is of its bytes from an offset on; modes as of a text. */
export interface BytesNode {
  readonly kind: 'bytes';
  readonly mode: number;
  /** What stat(2) says, bytes. */
  readonly size: number;
  /** At most `length` bytes. `privileged`: who opened it had CAP_SYS_ADMIN. Throws Errno. */
  read(offset: number, length: number, privileged: boolean): Uint8Array;
  /** How many bytes were taken. Throws Errno. */
  write(offset: number, bytes: Uint8Array): number;
}

/** A file that is read record by record, each opening from its own place: /dev/kmsg. It cannot be seeked in. */
export interface StreamNode {
  readonly kind: 'stream';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  open(): StreamFile;
}

export interface StreamFile {
  /** The record that is due, which the next call gives again until `next`; undefined: there is none yet. */
  peek(): Uint8Array | undefined;
  /** Goes on to the next record. */
  next(): void;
  /** Calls back once there is a record; the returned function ends that. */
  onRecord(ready: () => void): () => void;
}

export type TreeNode = DirectoryNode | DeviceNode | LinkNode | TextNode | BytesNode | StreamNode;

/** A directory of what is put into it. */
export interface MapDirectory extends DirectoryNode {
  readonly entries: Map<string, TreeNode>;
}

export function directory(entries: Iterable<readonly [string, TreeNode]> = []): MapDirectory {
  return { kind: 'directory', entries: new Map(entries) };
}

/** Whether the caller finds the node: a link without a target for it does not exist. */
export function isThere(node: TreeNode | undefined, caller: Caller): node is TreeNode {
  return node !== undefined && (node.kind !== 'link' || node.target(caller) !== undefined);
}
