/**
 * What FUSE and CUSE ask of open files: the caller and the Call of a request, the answer's bytes. An ioctl's answer
 * goes through fuse_ioctl_out.result, which carries every errno; a header error of 512 or above would hang the caller.
 */
import { ERRNO } from '../../abi/errno.ts';
import { FUSE_IOCTL_COMPAT, inHeader, ioctlIn, ioctlOut, openIn, openOut, releaseIn } from '../../abi/fuse.ts';
import { Held } from '../../abi/held.ts';
import type { FileOps } from '../../kernel/file-ops.ts';
import {
  type Answer,
  isRefusal,
  MemoryUnavailable,
  OpenFiles,
  type OpenFilesEvents,
  type ServedFile,
} from '../open-files.ts';
import { ProcCaller } from '../proc-caller.ts';
import { NOT_THERE, type UserCall } from '../user-call.ts';
import { type FuseBuffers, NO_REPLY, REPLY_BODY, REQUEST_BODY } from './reply.ts';
import { SlowIoctls } from './slow-ioctls.ts';

/** Handles of directories, texts and streams have this bit: an ioctl on one finds no device file behind it. */
export const NO_DEVICE = 0x8000_0000;

/** A late answer's way out: sends the message in the reply buffer. */
export type Send = (length: number) => void;

/** What serves a caller whose memory process_vm_readv() cannot reach: CUSE's ioctl retry (retry.ts). */
export interface RetryPath {
  /** Every ioctl goes this way, whether or not the caller's memory can be read by thread id. */
  readonly always: boolean;
  /** Begins over again, or goes on with, the ioctl in the request buffer; the same result as `FileRequests.ioctl`. */
  ioctl(file: ServedFile): number;
  /** Whether the request in the buffer is a further round of an ioctl begun here. */
  continues(): boolean;
  /** The ioctl of the request in the buffer has run: the kernel is to write what `call` owes. Undefined: too much. */
  write(call: UserCall, result: number): number | undefined;
}

/** Of one session. A method that answers gives the length of the message in the reply buffer, or NO_REPLY. */
export class FileRequests {
  readonly files: OpenFiles;
  private readonly opener = new ProcCaller();
  private readonly buffers: FuseBuffers;
  private readonly userNamespace: string;
  private readonly send: Send;
  private readonly slow: SlowIoctls;
  readonly retry: RetryPath | undefined;

  /** `userNamespace` plays the initial one. `retry` makes the path of a CUSE session. */
  constructor(
    buffers: FuseBuffers,
    userNamespace: string,
    events: OpenFilesEvents,
    send: Send,
    retry?: (requests: FileRequests) => RetryPath,
  ) {
    this.files = new OpenFiles(events);
    this.buffers = buffers;
    this.userNamespace = userNamespace;
    this.send = send;
    const path = retry?.(this);
    this.retry = path;
    this.slow = new SlowIoctls(buffers, {
      run: (file, call) => this.files.ioctl(file, call),
      encode: (answer, sized) => this.finished(answer, sized),
      send,
      again: path && ((file) => path.ioctl(file)),
      write: path && ((call, result) => path.write(call, result)),
    });
  }

  /** The connection is gone: callers were let go, and all files are released. How many calls had no answer yet. */
  end(): number {
    return this.slow.end() + this.files.end();
  }

  /** INTERRUPT: fwctl's callers sleep uninterruptibly, a signal waits for the answer; but page faults are killable. */
  interrupt(): void {
    this.slow.look();
  }

  /** The caller of the request in the buffers, for an open or a link. Valid until the next request. */
  caller(): ProcCaller {
    this.identify(this.opener);
    return this.opener;
  }

  /** Makes `caller` the request's thread, with its uid and gid. */
  identify(caller: ProcCaller): void {
    const { request } = this.buffers;
    caller.initialUserNamespace = this.userNamespace;
    caller.tid = request.getUint32(inHeader.pid, true);
    caller.uid = request.getUint32(inHeader.uid, true);
    caller.gid = request.getUint32(inHeader.gid, true);
  }

  /** Whether the IOCTL request is a 32-bit program's. */
  get compat(): boolean {
    return (this.buffers.request.getUint32(REQUEST_BODY + ioctlIn.flags, true) & FUSE_IOCTL_COMPAT) !== 0;
  }

  /** OPEN: puts a file behind a handle. `openFlags` are FOPEN_*. */
  open(fileOps: FileOps, openFlags: number): number {
    const flags = this.buffers.request.getUint32(REQUEST_BODY + openIn.flags, true);
    const opened = this.files.open(fileOps, this.caller(), flags);
    if (opened instanceof Held) return this.later(opened, (late) => this.opened(late, openFlags));
    return this.buffers.answer(this.opened(opened, openFlags));
  }

  /** RELEASE: the last close. */
  release(): number {
    const file = this.files.get(this.buffers.request.getUint32(REQUEST_BODY + releaseIn.fh, true));
    if (file === undefined) return this.buffers.refuse(ERRNO.EBADF);
    this.files.close(file);
    return this.buffers.answer(0);
  }

  /** IOCTL. */
  ioctl(): number {
    const { buffers, files, retry } = this;
    const { request, calls } = buffers;
    const handle = request.getUint32(REQUEST_BODY + ioctlIn.fh, true);
    const file = files.get(handle);
    if (file === undefined) return buffers.refuse(handle >= NO_DEVICE ? ERRNO.ENOTTY : ERRNO.EBADF);
    if (retry !== undefined && (retry.always || retry.continues())) return retry.ioctl(file);
    const call = calls.next;
    this.identify(call.caller);
    call.compat = this.compat;
    call.begin(
      request.getUint32(REQUEST_BODY + ioctlIn.cmd, true),
      request.getUint32(REQUEST_BODY + ioctlIn.arg, true),
      request.getUint32(REQUEST_BODY + ioctlIn.arg + 4, true),
    );
    const answer = files.ioctl(file, call);
    if (typeof answer === 'number' && !call.owes) return buffers.answer(this.result(answer));
    const sized = retry === undefined && request.getUint32(REQUEST_BODY + ioctlIn.outSize, true) > 0;
    if (answer instanceof Held || answer === NOT_THERE || call.owes) return this.slow.take(file, call, sized, answer);
    if (answer instanceof MemoryUnavailable && retry !== undefined) return retry.ioctl(file);
    return buffers.answer(this.finished(answer, sized));
  }

  /**
   * Keeps the request's caller waiting until `held` is let go, then sends what `encode` makes of it. Safe because the
   * caller cannot leave: an interrupted one stays until the reply, as fwctl's own callers do.
   */
  later<T>(held: Held<T>, encode: (late: T) => number): number {
    const { request } = this.buffers;
    const uniqueLow = request.getUint32(inHeader.unique, true);
    const uniqueHigh = request.getUint32(inHeader.unique + 4, true);
    held.onRelease(() => {
      const body = this.attempt(() => encode(held.get()));
      this.send(this.buffers.header(uniqueLow, uniqueHigh, body));
    });
    return NO_REPLY;
  }

  /** What `encode` puts into the reply's body: its bytes; negative: the errno of what it throws. */
  attempt(encode: () => number): number {
    const body = this.files.attempt(encode);
    return isRefusal(body) ? -this.files.errnoOf(body) : body;
  }

  /** The body of an ioctl's answer: its bytes. */
  result(result: number): number {
    const { reply } = this.buffers;
    reply.setInt32(REPLY_BODY + ioctlOut.result, result, true);
    reply.setUint32(REPLY_BODY + ioctlOut.flags, 0, true);
    reply.setUint32(REPLY_BODY + ioctlOut.inIovs, 0, true);
    reply.setUint32(REPLY_BODY + ioctlOut.outIovs, 0, true);
    return ioctlOut.bytes;
  }

  /**
   * The same for any answer. `sized`: the word's own size asks for data, which the kernel then wants over a FUSE mount
   * whatever the result (lsattr's FS_IOC_GETFLAGS: fuse_priv_ioctl() of fs/fuse/ioctl.c): the header gets the errno.
   */
  private finished(answer: Answer<number>, sized: boolean): number {
    if (!isRefusal(answer)) return this.result(answer);
    const errno = this.files.errnoOf(answer);
    return sized ? -errno : this.result(-errno);
  }

  private opened(opened: Answer<ServedFile>, openFlags: number): number {
    if (isRefusal(opened)) return -this.files.errnoOf(opened);
    const { reply } = this.buffers;
    this.buffers.clearBody(openOut.bytes);
    reply.setUint32(REPLY_BODY + openOut.fh, opened.handle, true);
    reply.setUint32(REPLY_BODY + openOut.openFlags, openFlags, true);
    return openOut.bytes;
  }
}
