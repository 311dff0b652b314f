/** Answers to calls on paths, in a view without mounts. What is not ours goes on in the caller's kernel, if it can. */
import { accessSync, chmodSync, closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN, type Caller } from '../../kernel/caller.ts';
import type { Attributes } from '../../transport/fuse/attributes.ts';
import {
  type BytesNode,
  type DirectoryNode,
  isThere,
  type TextNode,
  type TreeNode,
} from '../../transport/fuse/tree.ts';
import { CALL, type TrappedCall } from '../../transport/notify/call.ts';
import { ACCESS, type NotifyNodes, permission, wantedBy } from '../../transport/notify/nodes.ts';
import { type Devices, O_PATH, type PathCalls } from '../../transport/notify/notify-session.ts';
import type { ProcCaller } from '../../transport/proc-caller.ts';
import { hostListing } from '../host-facts.ts';
import { contentOf } from '../plain-tree.ts';
import type { Listed, Listings } from './listings.ts';
import type { Overlay } from './overlay.ts';

/** statx(2) and others keep AT_SYMLINK_NOFOLLOW at the same bit. */
const AT_SYMLINK_NOFOLLOW = 0x100;
const ROOT = { uid: 0, gid: 0 } as const;

export interface BareParts {
  readonly overlay: Overlay;
  readonly listings: Listings;
  readonly nodes: NotifyNodes;
  readonly prefixes: readonly string[];
  /** Told what cannot be done without mounts. */
  refused(what: string): void;
}

export class BarePaths implements PathCalls {
  readonly prefixes: readonly string[];
  private readonly parts: BareParts;
  private readonly attributes: Attributes;
  private readonly inodes = new WeakMap<TreeNode, number>();
  private nextInode = 1;

  constructor(parts: BareParts) {
    this.parts = parts;
    this.prefixes = parts.prefixes;
    this.attributes = parts.nodes.attributes;
  }

  get shadow(): string {
    return this.parts.listings.root;
  }

  answer(call: TrappedCall, caller: ProcCaller, devices: Devices): number {
    const follow =
      call.call === CALL.open
        ? (call.flags & constants.O_NOFOLLOW) === 0
        : call.call === CALL.access || call.call === CALL.chmod || (call.flags & AT_SYMLINK_NOFOLLOW) === 0;
    const reached = this.parts.overlay.walk(call.path, follow, caller);
    try {
      if (reached.kind === 'nothing') return this.nothing(call, reached.errno, devices);
      if (reached.kind === 'machine') {
        if (!reached.crossed && !call.detached) return devices.answers.goOn();
        return this.machine(call, reached.path, devices);
      }
      const { node, path } = reached;
      if (call.itself && call.call === CALL.readlink) return devices.answers.bytes(call.path, call.room);
      if (node.kind === 'device') return this.device(call, path, node, devices);
      return this.ours(call, path, node, caller, devices);
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      return devices.answers.refuse(-errno);
    }
  }

  /** As sysfs answers who would create something (kernfs has no create). */
  private nothing({ call, flags }: TrappedCall, errno: number, { answers }: Devices): number {
    const creates = call === CALL.open && errno === ERRNO.ENOENT && (flags & constants.O_CREAT) !== 0;
    return answers.refuse(creates ? ERRNO.EACCES : errno);
  }

  private device(call: TrappedCall, path: string, node: TreeNode & { kind: 'device' }, devices: Devices): number {
    const known = this.parts.nodes.of(node);
    if (known !== undefined && call.call === CALL.open && (call.flags & O_PATH) !== 0)
      return this.give(this.parts.listings.file(path, ''), call.flags, devices);
    return devices.device(call, known);
  }

  /** What the machine has at a path that the caller's kernel cannot find by itself. */
  private machine(call: TrappedCall, path: string, { answers }: Devices): number {
    switch (call.call) {
      case CALL.open: {
        const fd = openSync(path, call.flags & ~constants.O_NOFOLLOW);
        return this.handOver(fd, call.flags, answers);
      }
      case CALL.stat:
      case CALL.statx:
        return answers.statOf(path);
      case CALL.access:
        accessSync(path, call.flags & 7);
        return answers.value(0);
      case CALL.readlink:
        return answers.bytes(readlinkSync(path), call.room);
      case CALL.chdir:
        this.parts.refused(`chdir(2) by a relative path out of an emulated directory to ${path}`);
        return answers.refuse(ERRNO.EACCES);
      case CALL.chmod:
        chmodSync(path, call.flags);
        return answers.value(0);
      case CALL.getxattr:
        return answers.refuse(ERRNO.ENODATA);
      default:
        return answers.value(0);
    }
  }

  private ours(call: TrappedCall, path: string, node: TreeNode, caller: ProcCaller, devices: Devices): number {
    const { answers } = devices;
    const mode = { ...ROOT, mode: node.kind === 'link' ? 0o777 : this.attributes.mode(node) };
    const refusal = (wanted: number) => permission(mode, caller, wanted);
    switch (call.call) {
      case CALL.open:
        return this.open(call, path, node, refusal(wantedBy(call.flags)), caller, devices);
      case CALL.stat:
      case CALL.statx:
        return answers.attributes((view, at) => this.attributes.put(view, at, this.inodeOf(node), node));
      case CALL.access: {
        const errno = refusal(call.flags & 7);
        return errno === 0 ? answers.value(0) : answers.refuse(errno);
      }
      case CALL.readlink:
        if (node.kind !== 'link') return answers.refuse(ERRNO.EINVAL);
        return answers.bytes(node.target(caller) ?? '', call.room);
      case CALL.chdir:
        return node.kind === 'directory' ? answers.enter(path) : answers.refuse(ERRNO.ENOTDIR);
      case CALL.chmod: // sysfs is root's
        if (caller.uid !== 0) return answers.refuse(ERRNO.EPERM);
        this.attributes.chmod(node, call.flags);
        return answers.value(0);
      case CALL.getxattr:
        return answers.refuse(ERRNO.ENODATA);
      default:
        return answers.value(0);
    }
  }

  private open(
    { flags }: TrappedCall,
    path: string,
    node: TreeNode,
    refusal: number,
    caller: Caller,
    devices: Devices,
  ): number {
    const { answers } = devices;
    const { O_CREAT, O_EXCL, O_DIRECTORY, O_ACCMODE } = { ...constants, O_ACCMODE: 3 };
    if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) return answers.refuse(ERRNO.EEXIST);
    if (node.kind === 'link') return answers.refuse(ERRNO.ELOOP);
    if (node.kind === 'device' || node.kind === 'stream') return answers.refuse(ERRNO.ENXIO);
    if (node.kind === 'directory') {
      if ((flags & O_ACCMODE) !== constants.O_RDONLY || (flags & O_CREAT) !== 0) return answers.refuse(ERRNO.EISDIR);
      return this.give(this.parts.listings.directory(path, this.listing(path, node, caller)), flags, devices);
    }
    if ((flags & O_DIRECTORY) !== 0) return answers.refuse(ERRNO.ENOTDIR);
    if ((flags & O_PATH) === 0) {
      if (refusal !== 0) return answers.refuse(refusal);
      const errno = kernfsRefusal(node, wantedBy(flags));
      if (errno !== 0) return answers.refuse(errno);
    }
    return this.give(this.parts.listings.file(path, contentOf(node, caller.capable(CAP_SYS_ADMIN))), flags, devices);
  }

  private listing(path: string, { entries }: DirectoryNode, caller: Caller): Map<string, Listed> {
    const listed = new Map<string, Listed>();
    if (this.parts.overlay.isMerged(path)) {
      for (const { name, kind, target } of hostListing(path) ?? []) {
        if (kind === 'link') listed.set(name, { target: target ?? '' });
        else if (kind === 'directory') listed.set(name, 'directory');
        else listed.set(name, path.startsWith('/dev') ? 'character' : 'file');
      }
    }
    for (const name of entries.keys()) {
      const node = entries.get(name);
      if (isThere(node, caller)) listed.set(name, listedAs(node, caller));
    }
    return listed;
  }

  /**
   * Opens it for reading, whatever was asked for: there is nobody who would take a write, and a descriptor with O_PATH
   * cannot be given away.
   */
  private give(path: string, flags: number, { answers }: Devices): number {
    const kept = flags & (constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    return this.handOver(openSync(path, constants.O_RDONLY | kept), flags, answers);
  }

  private handOver(fd: number, flags: number, answers: Devices['answers']): number {
    setImmediate(() => closeSync(fd)); // once it was given
    return answers.descriptor(fd, flags & O_CLOEXEC);
  }

  private inodeOf(node: TreeNode): number {
    const inode = this.inodes.get(node) ?? this.nextInode++;
    this.inodes.set(node, inode);
    return inode;
  }
}

/** kernfs_fop_open() of fs/kernfs/file.c: mode bits that nobody has count for root too. */
function kernfsRefusal({ mode }: TextNode | BytesNode, wanted: number): number {
  if ((wanted & ACCESS.write) !== 0 && (mode & 0o222) === 0) return ERRNO.EACCES;
  return (wanted & ACCESS.read) !== 0 && (mode & 0o444) === 0 ? ERRNO.EACCES : 0;
}

function listedAs(node: TreeNode, caller: Caller): Listed {
  switch (node.kind) {
    case 'directory':
      return 'directory';
    case 'link':
      return { target: node.target(caller) ?? '' };
    case 'device':
    case 'stream':
      return 'character';
    case 'text':
    case 'bytes':
      return 'file';
  }
}

/** include/uapi/asm-generic/fcntl.h; Node has no name for it. */
const O_CLOEXEC = 0o2000000;
