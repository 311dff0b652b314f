/**
 * Extended attributes of a tree's nodes, as devtmpfs keeps them of a device node and sysfs of its entries
 * (shmem_xattr_handlers of mm/shmem.c, kernfs_xattr_handlers of fs/kernfs/inode.c): `trusted.`, `security.`, and of a
 * node of /dev the access control list, which the kernel asks for when it judges an open (FUSE_POSIX_ACL). Who may set
 * what the VFS has judged. Each method puts the answer's body into the reply buffer and returns its bytes.
 */
import { getxattrIn, getxattrOut, setxattrIn, XATTR_CREATE, XATTR_REPLACE } from '../../abi/fuse.ts';
import { CAP_SYS_ADMIN, type Caller } from '../../kernel/caller.ts';
import { Errno } from '../../kernel/errno.ts';
import { aclWithMode, modeOfAcl } from '../../kernel/posix-acl.ts';
import type { Attributes } from './attributes.ts';
import { type FuseBuffers, REPLY_BODY, REQUEST_BODY } from './reply.ts';
import type { TreeNode } from './tree.ts';

const ACCESS_ACL = 'system.posix_acl_access';
const KNOWN = /^(trusted|security|user)\.|^system\.posix_acl_/;
const STORED = /^(trusted|security)\./;
const NAMELESS = /^(trusted|security)\.$/;
/** Of one node, names and values, bytes. Ours: no kernel has a limit, and ours must not grow at a client's will. */
const MOST = 1 << 20;

const NO_DATA = new Errno('ENODATA', 'there is no such attribute');
const NO_NAME = new Errno('EINVAL', 'the attribute has a kind and no name');
const NOT_SUPPORTED = new Errno('EOPNOTSUPP', 'the file system keeps no attributes of that kind');
const USER_ON_DEVICE = new Errno('EPERM', 'user attributes are for files and directories', 'use trusted. or security.');
const RANGE = new Errno('ERANGE', 'the attribute is larger than the buffer');
const EXISTS = new Errno('EEXIST', 'there is such an attribute already (XATTR_CREATE)');
const FULL = new Errno('ENOSPC', `the attributes of a node have at most ${MOST} bytes`);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Xattrs {
  private readonly kept = new WeakMap<TreeNode, Map<string, Uint8Array>>();
  private readonly buffers: FuseBuffers;
  private readonly attributes: Attributes;

  constructor(buffers: FuseBuffers, attributes: Attributes) {
    this.buffers = buffers;
    this.attributes = attributes;
  }

  /** GETXATTR. Throws ENODATA, ERANGE, EINVAL, EOPNOTSUPP. */
  get(node: TreeNode): number {
    const name = this.name(getxattrIn.name);
    const value = this.kept.get(node)?.get(name);
    if (value !== undefined) return this.sized(value);
    if (NAMELESS.test(name)) throw NO_NAME;
    throw KNOWN.test(name) ? NO_DATA : NOT_SUPPORTED;
  }

  /** LISTXATTR: the access control list first, then by name, backwards (simple_xattr_list()). Throws ERANGE. */
  list(node: TreeNode, caller: Caller): number {
    const names = [...(this.kept.get(node)?.keys() ?? [])].sort().reverse();
    const trusted = names.some((name) => name.startsWith('trusted.')) && caller.capable(CAP_SYS_ADMIN);
    const shown = names.filter((name) => trusted || !name.startsWith('trusted.'));
    const acl = shown.filter((name) => name === ACCESS_ACL);
    const text = [...acl, ...shown.filter((name) => name !== ACCESS_ACL)].map((name) => `${name}\0`).join('');
    return this.sized(encoder.encode(text));
  }

  /** SETXATTR. Throws EEXIST, ENODATA, ENOSPC, and what the node's kind says. */
  set(node: TreeNode): number {
    const { request, requestBytes } = this.buffers;
    const name = this.name(setxattrIn.name);
    const start = REQUEST_BODY + setxattrIn.name + encoder.encode(name).length + 1;
    const size = request.getUint32(REQUEST_BODY + setxattrIn.size, true);
    const flags = request.getUint32(REQUEST_BODY + setxattrIn.flags, true);
    refuseKind(node, name);
    const kept = this.kept.get(node) ?? new Map<string, Uint8Array>();
    const there = kept.has(name);
    if (there && (flags & XATTR_CREATE) !== 0) throw EXISTS;
    if (!there && (flags & XATTR_REPLACE) !== 0) throw NO_DATA;
    if (bytesOf(kept) + name.length + size > MOST) throw FULL;
    const value = requestBytes.slice(start, start + size);
    if (name !== ACCESS_ACL || this.obey(node, value)) kept.set(name, value);
    else kept.delete(name);
    this.kept.set(node, kept);
    return 0;
  }

  /** REMOVEXATTR. Throws ENODATA, and what the node's kind says; an access control list need not be there. */
  remove(node: TreeNode): number {
    const name = this.name(0);
    refuseKind(node, name);
    if (this.kept.get(node)?.delete(name) !== true && name !== ACCESS_ACL) throw NO_DATA;
    return 0;
  }

  /** chmod(2) of a node with an access control list changes that too. */
  chmod(node: TreeNode, mode: number): void {
    const kept = this.kept.get(node);
    const acl = kept?.get(ACCESS_ACL);
    if (acl !== undefined) kept?.set(ACCESS_ACL, aclWithMode(acl, mode));
  }

  /** The mode follows a list (posix_acl_update_mode()). Whether it says more than the mode, and is kept. */
  private obey(node: TreeNode, acl: Uint8Array): boolean {
    const { permissions, minimal } = modeOfAcl(acl);
    this.attributes.chmod(node, (this.attributes.mode(node) & ~0o777) | permissions);
    return !minimal;
  }

  private name(at: number): string {
    const start = REQUEST_BODY + at;
    return decoder.decode(this.buffers.requestBytes.subarray(start, this.buffers.requestBytes.indexOf(0, start)));
  }

  /** The answer to a caller with so much room; with none it is the size that there should be. */
  private sized(bytes: Uint8Array): number {
    const { request, reply, replyBytes } = this.buffers;
    const room = request.getUint32(REQUEST_BODY + getxattrIn.size, true);
    if (room > 0 && bytes.length > room) throw RANGE;
    if (room > 0) {
      replyBytes.set(bytes, REPLY_BODY);
      return bytes.length;
    }
    this.buffers.clearBody(getxattrOut.bytes);
    reply.setUint32(REPLY_BODY + getxattrOut.size, bytes.length, true);
    return getxattrOut.bytes;
  }
}

/** Throws for names that a node of that kind does not keep. */
function refuseKind({ kind }: TreeNode, name: string): void {
  const ofDev = kind === 'device' || kind === 'stream';
  if (ofDev && name.startsWith('user.')) throw USER_ON_DEVICE;
  if (NAMELESS.test(name)) throw NO_NAME;
  if (!(STORED.test(name) || (ofDev && name === ACCESS_ACL))) throw NOT_SUPPORTED;
}

function bytesOf(kept: ReadonlyMap<string, Uint8Array>): number {
  let bytes = 0;
  for (const [name, value] of kept) bytes += name.length + value.length;
  return bytes;
}
