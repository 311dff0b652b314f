/**
 * A mounted FUSE tree: every opcode that its directories, links, texts and device files answer, one row each. What an
 * opened device file is asked besides its ioctl is refused as by the real node, whose fwctl_fops (drivers/fwctl/main.c)
 * has open, release and ioctl alone, as far as the request reaches us (docs/vfs-differences.md).
 */
import { constants } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import {
  attrOut,
  batchForgetIn,
  entryOut,
  FATTR_MODE,
  FATTR_SIZE,
  FOPEN_DIRECT_IO,
  FOPEN_NONSEEKABLE,
  FUSE_ABORT_ERROR,
  FUSE_ATOMIC_O_TRUNC,
  FUSE_INIT_EXT,
  FUSE_MAJOR,
  FUSE_MINOR,
  FUSE_POSIX_ACL,
  FUSE_REQUEST_TIMEOUT,
  forgetIn,
  inHeader,
  initIn,
  initOut,
  MAX_REQUEST_TIMEOUT,
  mknodIn,
  OPCODE,
  openIn,
  setattrIn,
  statfsOut,
  statxOut,
} from '../../abi/fuse.ts';
import { type Held, whenReleased } from '../../abi/held.ts';
import { Errno } from '../../kernel/errno.ts';
import type { FileOps, OpenFile } from '../../kernel/file-ops.ts';
import type { Native } from '../native.ts';
import type { OpenFilesEvents } from '../open-files.ts';
import { Attributes } from './attributes.ts';
import { Directories } from './directories.ts';
import { FileRequests } from './file-requests.ts';
import { NodeTable } from './node-table.ts';
import { type FuseBuffers, NO_REPLY, REPLY_BODY, REQUEST_BODY } from './reply.ts';
import { type RequestHandler, Session, type SessionEvents } from './session.ts';
import { Streams } from './streams.ts';
import { openText, readBytes, readText, writeBytes, writeText } from './text-files.ts';
import { type DeviceNode, isThere, type TreeNode } from './tree.ts';
import { Xattrs } from './xattrs.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Largest WRITE that the kernel may send; all are refused. */
const MAX_WRITE = 4096;

/** An errno to refuse a request with, or what answers it. */
type Row = number | ((session: MountSession) => number);

export class MountSession implements RequestHandler {
  private readonly buffers: FuseBuffers;
  private readonly nodes: NodeTable;
  private readonly requests: FileRequests;
  private readonly streams: Streams;
  private readonly session: Session;
  private readonly directories: Directories;
  private readonly attributes = new Attributes();
  private readonly xattrs: Xattrs;

  /**
   * Serves `root`, a directory or a device file, on the descriptor of a mount that is about to be made or was just
   * made. `userNamespace` is the link text of the one in which CAP_SYS_RAWIO counts.
   */
  constructor(
    fd: number,
    root: TreeNode,
    native: Native,
    buffers: FuseBuffers,
    userNamespace: string,
    events: SessionEvents & OpenFilesEvents,
  ) {
    this.buffers = buffers;
    this.nodes = new NodeTable(root);
    this.directories = new Directories(buffers, this.nodes);
    this.xattrs = new Xattrs(buffers, this.attributes);
    const send = (length: number) => this.session.send(length);
    this.requests = new FileRequests(buffers, userNamespace, events, send);
    this.streams = new Streams(buffers, send);
    this.session = new Session(fd, native, buffers, this, {
      ended: (errno) => {
        this.streams.close();
        // a time-out of the kernel's looks like an unmount, but no unmount ends a connection that owes answers
        const aborted = this.requests.end() > 0 && errno === 0;
        events.ended(aborted ? ERRNO.ECONNABORTED : errno);
      },
      bug: events.bug,
    });
  }

  /** Ends the connection; the mount itself is whoever's made it. */
  close(): void {
    this.session.close();
    this.streams.close();
    this.requests.end();
  }

  handle(opcode: number): number {
    if (opcode === OPCODE.IOCTL) return this.requests.ioctl();
    const row = MountSession.rows.get(opcode) ?? ERRNO.ENOSYS;
    return typeof row === 'number' ? this.buffers.refuse(row) : row(this);
  }

  private static readonly rows: ReadonlyMap<number, Row> = new Map<number, Row>([
    [OPCODE.INIT, (s) => s.init()],
    [OPCODE.LOOKUP, (s) => s.lookup()],
    [OPCODE.FORGET, (s) => s.forget()],
    [OPCODE.BATCH_FORGET, (s) => s.batchForget()],
    [OPCODE.GETATTR, (s) => s.onNode(s.getattr)],
    [OPCODE.STATX, (s) => s.onNode(s.statx)],
    [OPCODE.SETATTR, (s) => s.onNode(s.setattr)],
    [OPCODE.READLINK, (s) => s.onNode(s.readlink)],
    [OPCODE.OPEN, (s) => s.onNode(s.open)],
    [OPCODE.READ, (s) => s.onNode(s.read)],
    [OPCODE.WRITE, (s) => s.onNode(s.write)],
    [OPCODE.RELEASE, (s) => s.onNode(s.release)],
    // answered once with ENOSYS, FLUSH is never sent again: nothing here happens at close(2) before the last one
    [OPCODE.FLUSH, ERRNO.ENOSYS],
    [OPCODE.FSYNC, ERRNO.EINVAL],
    [OPCODE.GETXATTR, (s) => s.onNode((node) => s.answered(() => s.xattrs.get(node)))],
    [OPCODE.SETXATTR, (s) => s.onNode((node) => s.answered(() => s.xattrs.set(node)))],
    [OPCODE.LISTXATTR, (s) => s.onNode((node) => s.answered(() => s.xattrs.list(node, s.requests.caller())))],
    [OPCODE.REMOVEXATTR, (s) => s.onNode((node) => s.answered(() => s.xattrs.remove(node)))],
    [OPCODE.FALLOCATE, ERRNO.ENODEV],
    [OPCODE.LSEEK, ERRNO.ESPIPE],
    [OPCODE.COPY_FILE_RANGE, ERRNO.EINVAL],
    [OPCODE.POLL, (s) => s.buffers.poll()],
    [OPCODE.OPENDIR, (s) => s.directories.open()],
    [OPCODE.READDIR, (s) => s.onNode(s.readdir)],
    [OPCODE.RELEASEDIR, (s) => s.directories.release()],
    [OPCODE.FSYNCDIR, (s) => s.buffers.answer(0)],
    [OPCODE.STATFS, (s) => s.statfs()],
    [OPCODE.INTERRUPT, (s) => s.interrupt()],
    // as sysfs answers (kernfs has no create, and VFS says EPERM for operations that an inode lacks)
    [OPCODE.CREATE, ERRNO.EACCES],
    [OPCODE.MKNOD, (s) => s.onNode((node) => s.change(node, true))],
    [OPCODE.MKDIR, ERRNO.EPERM],
    [OPCODE.SYMLINK, ERRNO.EPERM],
    [OPCODE.LINK, ERRNO.EPERM],
    [OPCODE.UNLINK, (s) => s.onNode((node) => s.change(node, false))],
    [OPCODE.RMDIR, ERRNO.EPERM],
    [OPCODE.RENAME, ERRNO.EPERM],
    [OPCODE.RENAME2, ERRNO.EPERM],
    [OPCODE.DESTROY, (s) => s.buffers.answer(0)],
  ]);

  /** fwctl's callers sleep uninterruptibly: a signal waits for the reply. Readers of a stream do not. */
  private interrupt(): number {
    this.requests.interrupt();
    return this.streams.interrupt();
  }

  private init(): number {
    const { request, reply } = this.buffers;
    this.buffers.clearBody(initOut.bytes);
    const put = (field: number, value: number) => reply.setUint32(REPLY_BODY + field, value, true);
    put(initOut.major, FUSE_MAJOR);
    put(initOut.minor, Math.min(FUSE_MINOR, request.getUint32(REQUEST_BODY + initIn.minor, true)));
    const offered = request.getUint32(REQUEST_BODY + initIn.flags, true);
    put(initOut.flags, offered & (FUSE_ATOMIC_O_TRUNC | FUSE_POSIX_ACL | FUSE_ABORT_ERROR | FUSE_INIT_EXT));
    // fwctl knows no time-out: a call that firmware holds for long is no reason to abort the connection
    const more = (offered & FUSE_INIT_EXT) === 0 ? 0 : request.getUint32(REQUEST_BODY + initIn.flags2, true);
    put(initOut.flags2, more & FUSE_REQUEST_TIMEOUT);
    put(initOut.requestTimeout, (more & FUSE_REQUEST_TIMEOUT) === 0 ? 0 : MAX_REQUEST_TIMEOUT);
    // RELEASE is a background request: beyond this many it would wait, and firmware would still show closed contexts
    reply.setUint16(REPLY_BODY + initOut.maxBackground, 0xffff, true);
    reply.setUint16(REPLY_BODY + initOut.congestionThreshold, 0xffff, true);
    put(initOut.maxWrite, MAX_WRITE);
    put(initOut.timeGran, 1);
    return this.buffers.answer(initOut.bytes);
  }

  private lookup(): number {
    const parent = this.nodes.node(this.nodeId());
    const name = this.nameAt(REQUEST_BODY);
    if (parent?.kind !== 'directory') return this.buffers.refuse(ERRNO.ENOENT);
    const { change } = parent;
    const told = change !== undefined && change.name === name && change.tid === this.requests.caller().tid;
    const child = !told ? parent.entries.get(name) : change.came ? undefined : change.node;
    if (!isThere(child, this.requests.caller())) return this.buffers.refuse(ERRNO.ENOENT);
    return this.entry(child);
  }

  /** The answer that names a node. */
  private entry(node: TreeNode): number {
    const id = this.nodes.lookedUp(node);
    this.buffers.clearBody(entryOut.bytes);
    this.buffers.reply.setUint32(REPLY_BODY + entryOut.nodeid, id, true);
    this.buffers.reply.setUint32(REPLY_BODY + entryOut.entryValid, this.attributes.entryValidity(node), true);
    this.buffers.reply.setUint32(REPLY_BODY + entryOut.attrValid, this.validity(node), true);
    this.attributes.put(this.buffers.reply, REPLY_BODY + entryOut.attr, id, node);
    return this.buffers.answer(entryOut.bytes);
  }

  /** MKNOD and UNLINK: refused, but for the one thread whose change has been made (NameChange). */
  private change(parent: TreeNode, came: boolean): number {
    const change = parent.kind === 'directory' ? parent.change : undefined;
    const name = this.nameAt(REQUEST_BODY + (came ? mknodIn.bytes : 0));
    if (change?.tid !== this.requests.caller().tid || change.came !== came || change.name !== name)
      return this.buffers.refuse(ERRNO.EPERM);
    return came ? this.entry(change.node) : this.buffers.answer(0);
  }

  /** The name that ends the request. */
  private nameAt(start: number): string {
    const end = this.buffers.request.getUint32(inHeader.len, true) - 1;
    return decoder.decode(this.buffers.requestBytes.subarray(start, end));
  }

  private forget(): number {
    this.nodes.forget(this.nodeId(), this.buffers.request.getUint32(REQUEST_BODY + forgetIn.nlookup, true));
    return NO_REPLY;
  }

  private batchForget(): number {
    const { request } = this.buffers;
    const room = request.getUint32(inHeader.len, true) - REQUEST_BODY - batchForgetIn.entries;
    const sent = Math.floor(room / batchForgetIn.entryBytes);
    const count = Math.min(request.getUint32(REQUEST_BODY + batchForgetIn.count, true), sent);
    for (let i = 0; i < count; i++) {
      const at = REQUEST_BODY + batchForgetIn.entries + i * batchForgetIn.entryBytes;
      this.nodes.forget(request.getUint32(at, true), request.getUint32(at + 8, true));
    }
    return NO_REPLY;
  }

  private getattr(node: TreeNode, id: number): number {
    this.buffers.clearBody(attrOut.bytes);
    this.buffers.reply.setUint32(REPLY_BODY + attrOut.attrValid, this.validity(node), true);
    this.attributes.put(this.buffers.reply, REPLY_BODY + attrOut.attr, id, node);
    return this.buffers.answer(attrOut.bytes);
  }

  private validity(node: TreeNode): number {
    return this.attributes.validity(node, this.requests.caller().tid);
  }

  /** statx(2) for more than GETATTR knows. */
  private statx(node: TreeNode, id: number): number {
    this.buffers.clearBody(statxOut.bytes);
    this.buffers.reply.setUint32(REPLY_BODY + statxOut.attrValid, this.validity(node), true);
    this.attributes.putStatx(this.buffers.reply, REPLY_BODY + statxOut.statx, id, node);
    return this.buffers.answer(statxOut.bytes);
  }

  /** chmod(2), chown(2), utimensat(2). A node has no size; an attribute takes any and keeps its own, as in sysfs. */
  private setattr(node: TreeNode, id: number): number {
    const { request } = this.buffers;
    const valid = request.getUint32(REQUEST_BODY + setattrIn.valid, true);
    if ((valid & FATTR_SIZE) !== 0 && node.kind !== 'text' && node.kind !== 'bytes')
      return this.buffers.refuse(ERRNO.EINVAL);
    this.attributes.change(node, request);
    if ((valid & FATTR_MODE) !== 0) this.xattrs.chmod(node, this.attributes.mode(node));
    return this.getattr(node, id);
  }

  private readlink(node: TreeNode): number {
    const target = node.kind === 'link' ? node.target(this.requests.caller()) : undefined;
    if (target === undefined) return this.buffers.refuse(node.kind === 'link' ? ERRNO.ENOENT : ERRNO.EINVAL);
    const bytes = encoder.encode(target);
    this.buffers.replyBytes.set(bytes, REPLY_BODY);
    return this.buffers.answer(bytes.length);
  }

  private open(node: TreeNode): number {
    if (node.kind === 'device') return this.openDevice(node);
    if (node.kind === 'text') return this.answered(() => openText(this.attributes.mode(node), this.buffers));
    if (node.kind === 'bytes')
      return this.answered(() => openText(this.attributes.mode(node), this.buffers, this.requests.caller()));
    if (node.kind === 'stream') return this.streams.open(node);
    return this.buffers.refuse(node.kind === 'directory' ? ERRNO.EISDIR : ERRNO.ELOOP);
  }

  /** do_dentry_open() refuses O_DIRECT for a character device, after its driver's open: the context comes and goes. */
  private openDevice({ fileOps, asked }: DeviceNode): number {
    asked?.(this.requests.caller().tid);
    const direct = (this.buffers.request.getUint32(REQUEST_BODY + openIn.flags, true) & constants.O_DIRECT) !== 0;
    const ops: FileOps = direct ? { open: (caller, flags) => refuseDirect(fileOps.open(caller, flags)) } : fileOps;
    return this.requests.open(ops, FOPEN_DIRECT_IO | FOPEN_NONSEEKABLE);
  }

  private read(node: TreeNode): number {
    if (node.kind === 'stream') return this.streams.read();
    if (node.kind === 'bytes') return this.answered(() => readBytes(node, this.buffers));
    if (node.kind !== 'text') return this.buffers.refuse(ERRNO.EINVAL);
    return this.answered(() => readText(node, this.buffers));
  }

  private write(node: TreeNode): number {
    if (node.kind === 'bytes') return this.answered(() => writeBytes(node, this.buffers));
    if (node.kind !== 'text') return this.buffers.refuse(ERRNO.EINVAL);
    return this.answered(() => writeText(node, this.buffers));
  }

  private release(node: TreeNode): number {
    if (node.kind === 'device') return this.requests.release();
    return node.kind === 'stream' ? this.streams.release() : this.buffers.answer(0);
  }

  /** The answer of a text file, which may refuse. */
  private answered(answer: () => number): number {
    return this.buffers.answer(this.requests.attempt(answer));
  }

  private readdir(node: TreeNode): number {
    if (node.kind !== 'directory') return this.buffers.refuse(ERRNO.ENOTDIR);
    return this.directories.read(node, this.requests.caller());
  }

  private statfs(): number {
    this.buffers.clearBody(statfsOut.bytes);
    const put = (field: number, value: number) => this.buffers.reply.setUint32(REPLY_BODY + field, value, true);
    put(statfsOut.bsize, 4096);
    put(statfsOut.frsize, 4096);
    put(statfsOut.namelen, 255);
    return this.buffers.answer(statfsOut.bytes);
  }

  /** The answer of one of this session's methods to a request that names a node. */
  private onNode(method: (this: MountSession, node: TreeNode, id: number) => number): number {
    const id = this.nodeId();
    const node = this.nodes.node(id);
    return node === undefined ? this.buffers.refuse(ERRNO.ENOENT) : method.call(this, node, id);
  }

  private nodeId(): number {
    return this.buffers.request.getUint32(inHeader.nodeid, true);
  }
}

const NO_DIRECT_IO = new Errno('EINVAL', 'a character device has no direct I/O', 'open it without O_DIRECT');

function refuseDirect(opened: OpenFile | Held<OpenFile>): OpenFile | Held<OpenFile> {
  return whenReleased(opened, (file) => {
    file.release();
    throw NO_DIRECT_IO;
  });
}
