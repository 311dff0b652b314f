/**
 * One CUSE device: a true character device whose file operations are ours. One open /dev/cuse a device; the node
 * appears when the answer to CUSE_INIT has been written, and goes when the descriptor is closed.
 */
import { chmodSync, chownSync, closeSync, constants, openSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { ERRNO, errnoName } from '../abi/errno.ts';
import {
  CUSE_UNRESTRICTED_IOCTL,
  cuseInitOut,
  FOPEN_DIRECT_IO,
  FOPEN_NONSEEKABLE,
  FUSE_MAJOR,
  FUSE_MINOR,
  initIn,
  OPCODE,
} from '../abi/fuse.ts';
import type { FileOps } from '../kernel/file-ops.ts';
import { FileRequests } from './fuse/file-requests.ts';
import { type FuseBuffers, NO_REPLY, REPLY_BODY, REQUEST_BODY } from './fuse/reply.ts';
import { CuseRetry } from './fuse/retry.ts';
import { type RequestHandler, Session, type SessionEvents } from './fuse/session.ts';
import type { Native } from './native.ts';
import type { OpenFilesEvents } from './open-files.ts';

export interface CuseOptions {
  /** Node below /dev; `fwctl/fwctl0` (CUSE writes it `fwctl!fwctl0`). */
  readonly node: string;
  /** Major number; 0: the kernel chooses one. */
  readonly major: number;
  readonly minor: number;
  /** Permission bits and owner of the node. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly fileOps: FileOps;
  /** Which user namespace CAP_SYS_RAWIO counts in. */
  readonly userNamespace: string;
  /** The node's directory stays when it becomes empty by `retire`. */
  readonly keepDirectory?: boolean;
  /** Serve every caller by ioctl retry, as if none could be read by thread id. */
  readonly retryOnly?: boolean;
}

/** The kernel's limit of one READ or WRITE; both are refused. */
const MAX_IO = 4096;

export class CuseDevice implements RequestHandler {
  private readonly buffers: FuseBuffers;
  private readonly native: Native;
  private readonly requests: FileRequests;
  private readonly session: Session;
  private readonly options: CuseOptions;

  /** Creates the node. Throws when /dev/cuse cannot be opened or the name or number is taken. */
  constructor(options: CuseOptions, native: Native, buffers: FuseBuffers, events: SessionEvents & OpenFilesEvents) {
    this.options = options;
    this.native = native;
    this.buffers = buffers;
    this.requests = new FileRequests(
      buffers,
      options.userNamespace,
      events,
      (length) => this.session.send(length),
      (requests) => new CuseRetry(requests, buffers, options.retryOnly ?? false),
    );
    const fd = openSync('/dev/cuse', constants.O_RDWR);
    try {
      this.initialise(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    this.session = new Session(fd, native, buffers, this, {
      ended: (errno) => {
        this.requests.end();
        events.ended(errno);
      },
      bug: events.bug,
    });
    try {
      chmodSync(this.path, options.mode);
      chownSync(this.path, options.uid, options.gid);
    } catch (error) {
      this.session.close();
      // The kernel has taken the answer, and tells of no later failure: cuse_process_init_reply() of fs/fuse/cuse.c.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const number = options.major === 0 ? 'its name' : `its name or number ${options.major}:${options.minor}`;
      throw new Error(`/dev/cuse: the kernel has made no ${this.path}; ${number} is taken`);
    }
  }

  get path(): string {
    return `/dev/${this.options.node}`;
  }

  /** The node's device number, as the kernel gave it. */
  get number(): { major: number; minor: number } {
    const { rdev } = statSync(this.path);
    return { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
  }

  /**
   * Unplug: the node goes at once, as by device_destroy(); open files are served on: their ioctls get the driver's
   * ENODEV. With the last of them goes the kernel's device, then `gone` is called; its number is taken until then.
   */
  retire(gone: () => void = () => {}): void {
    try {
      unlinkSync(this.path);
      // devtmpfs removes its empty directories, but not after another's unlink
      if (!this.options.keepDirectory) rmdirSync(dirname(this.path));
    } catch {
      // the node was taken away already, or has neighbours
    }
    const { files } = this.requests;
    const finish = () => {
      if (files.inUse || this.closed) return;
      this.close();
      gone();
    };
    // not within the request at hand, whose answer goes through the descriptor
    files.onUnused = () => setImmediate(finish);
    if (!files.inUse) finish();
  }

  get closed(): boolean {
    return this.session.closed;
  }

  /** Removes the node; held callers get ECONNABORTED. */
  close(): void {
    this.session.close();
    this.requests.end();
  }

  /** The handshake: /dev/cuse is still blocking here, and CUSE_INIT is its first request. */
  private initialise(fd: number): void {
    const length = this.native.readRequest(fd);
    if (length < 0) throw new Error(`/dev/cuse: reading CUSE_INIT failed with ${errnoName(-length)}`);
    const { reply, request, replyBytes } = this.buffers;
    this.buffers.clearBody(cuseInitOut.bytes);
    const put = (field: number, value: number) => reply.setUint32(REPLY_BODY + field, value, true);
    put(cuseInitOut.major, FUSE_MAJOR);
    put(cuseInitOut.minor, Math.min(FUSE_MINOR, request.getUint32(REQUEST_BODY + initIn.minor, true)));
    put(cuseInitOut.flags, CUSE_UNRESTRICTED_IOCTL);
    put(cuseInitOut.maxRead, MAX_IO);
    put(cuseInitOut.maxWrite, MAX_IO);
    put(cuseInitOut.devMajor, this.options.major);
    put(cuseInitOut.devMinor, this.options.minor);
    const name = new TextEncoder().encode(`DEVNAME=${this.options.node.replaceAll('/', '!')}\0`);
    replyBytes.set(name, REPLY_BODY + cuseInitOut.bytes);
    const written = this.native.writeReply(fd, this.buffers.answer(cuseInitOut.bytes + name.length));
    if (written < 0) throw new Error(`/dev/cuse: ${this.path} was refused with ${errnoName(-written)}`);
  }

  handle(opcode: number): number {
    const { buffers } = this;
    switch (opcode) {
      case OPCODE.IOCTL:
        return this.requests.ioctl();
      case OPCODE.OPEN:
        return this.requests.open(this.options.fileOps, FOPEN_DIRECT_IO | FOPEN_NONSEEKABLE);
      case OPCODE.RELEASE:
        return this.requests.release();
      case OPCODE.INTERRUPT:
        this.requests.interrupt();
        return NO_REPLY;
      case OPCODE.POLL:
        return buffers.poll();
      case OPCODE.READ:
      case OPCODE.WRITE:
      case OPCODE.FSYNC:
        return buffers.refuse(ERRNO.EINVAL);
      default:
        return buffers.refuse(ERRNO.ENOSYS);
    }
  }
}
