/**
 * Open files and their ioctls, for FUSE and CUSE alike (hop 3): file handles, the Call of a request, the answer. The
 * only catch of Errno. An answer goes through fuse_ioctl_out.result, which carries every errno; a header error of 512
 * or above would hang the caller.
 */
import { ERRNO } from '../../abi/errno.ts';
import { FUSE_IOCTL_COMPAT, inHeader, ioctlIn, ioctlOut, openIn, openOut, releaseIn } from '../../abi/fuse.ts';
import { Held } from '../../abi/held.ts';
import { Errno } from '../../kernel/errno.ts';
import type { FileOps, OpenFile } from '../../kernel/file-ops.ts';
import { ProcCaller } from '../proc-caller.ts';
import { MemoryUnavailable, type UserCall, type UserCalls } from '../user-call.ts';
import { type FuseBuffers, NO_REPLY, REPLY_BODY, REQUEST_BODY } from './reply.ts';

export interface OpenFilesEvents {
  /** Our own bug: answered EIO. */
  bug(error: unknown): void;
  /** A caller's memory is out of reach: answered EFAULT. */
  unreachable(error: MemoryUnavailable): void;
}

/** A late answer's way out: sends the message in the reply buffer. */
export type Send = (length: number) => void;

/** What serves a caller whose memory process_vm_readv() cannot reach: CUSE's ioctl retry (retry.ts). */
export interface RetryPath {
  /** Every ioctl goes this way, whether or not the caller's memory can be read by thread id. */
  readonly always: boolean;
  /** Begins over again, or goes on with, the ioctl in the request buffer; the same result as `OpenFiles.ioctl`. */
  ioctl(file: OpenFile, send: Send): number;
  /** Whether this request is a further round of an ioctl begun here. */
  continues(tid: number, inSize: number, outSize: number): boolean;
}

export class OpenFiles {
  private readonly files: (OpenFile | undefined)[] = [];
  private readonly free: number[] = [];
  /** Opens that the device holds back. */
  private opening = 0;
  /** The connection is gone: nobody waits for what is still held. */
  private ended = false;
  private readonly calls: UserCalls;
  private readonly opener = new ProcCaller();
  private readonly buffers: FuseBuffers;
  private readonly userNamespace: string;
  private readonly events: OpenFilesEvents;
  /** Set by a CUSE session. */
  retry: RetryPath | undefined;
  /** Called when the last open file of all has been released. */
  onUnused: () => void = () => {};

  constructor(buffers: FuseBuffers, userNamespace: string, events: OpenFilesEvents) {
    this.buffers = buffers;
    this.calls = buffers.calls;
    this.userNamespace = userNamespace;
    this.events = events;
  }

  /** The caller of the request in the buffers, for an open or a link. Valid until the next request. */
  caller(): ProcCaller {
    identify(this.opener, this.buffers.request, this.userNamespace);
    return this.opener;
  }

  /** OPEN: puts a file behind a handle. `openFlags` are FOPEN_*. */
  open(fileOps: FileOps, openFlags: number, send: Send): number {
    const { request } = this.buffers;
    try {
      const opened = fileOps.open(this.caller(), request.getUint32(REQUEST_BODY + openIn.flags, true));
      if (!(opened instanceof Held)) return this.opened(opened, openFlags);
      this.opening++;
      return this.later(opened, send, () => {
        this.opening--;
        try {
          const file = opened.get();
          if (!this.ended) return this.opened(file, openFlags);
          file.release();
          return NO_REPLY;
        } catch (error) {
          if (!this.inUse) this.onUnused();
          throw error;
        }
      });
    } catch (error) {
      return this.buffers.refuse(this.errnoOf(error));
    }
  }

  /** RELEASE: the last close. */
  release(): number {
    const fh = this.buffers.request.getUint32(REQUEST_BODY + releaseIn.fh, true);
    const file = this.files[fh];
    if (file === undefined) return this.buffers.refuse(ERRNO.EBADF);
    this.files[fh] = undefined;
    this.free.push(fh);
    file.release();
    if (!this.inUse) this.onUnused();
    return this.buffers.answer(0);
  }

  /** Whether any file is open, or about to be. */
  get inUse(): boolean {
    return this.opening > 0 || this.free.length < this.files.length;
  }

  /** IOCTL. */
  ioctl(send: Send): number {
    const { request } = this.buffers;
    const file = this.files[request.getUint32(REQUEST_BODY + ioctlIn.fh, true)];
    if (file === undefined) return this.buffers.refuse(ERRNO.EBADF);
    const sized = this.retry === undefined && request.getUint32(REQUEST_BODY + ioctlIn.outSize, true) > 0;
    if (this.retry !== undefined && (this.retry.always || this.continues(this.retry)))
      return this.retry.ioctl(file, send);
    const call = this.calls.next;
    identify(call.caller, request, this.userNamespace);
    call.compat = isCompat(request);
    call.begin(
      request.getUint32(REQUEST_BODY + ioctlIn.cmd, true),
      request.getUint32(REQUEST_BODY + ioctlIn.arg, true),
      request.getUint32(REQUEST_BODY + ioctlIn.arg + 4, true),
    );
    try {
      const answer = file.ioctl(call);
      return answer instanceof Held ? this.hold(answer, call, send, sized) : this.result(answer);
    } catch (error) {
      if (error instanceof MemoryUnavailable && this.retry !== undefined) return this.retry.ioctl(file, send);
      return this.refused(this.errnoOf(error), sized);
    }
  }

  /**
   * An ioctl that ended with an errno. `sized`: the word's own size asks for data to be written. Over a FUSE mount the
   * kernel wants them whatever the result (lsattr's FS_IOC_GETFLAGS: fuse_priv_ioctl() of fs/fuse/ioctl.c), so that the
   * errno goes into the header.
   */
  private refused(errno: number, sized: boolean): number {
    return sized ? this.buffers.refuse(errno) : this.result(-errno);
  }

  /** Releases every file: the connection is gone, and with it all descriptors of use. */
  releaseAll(): void {
    this.ended = true;
    for (let fh = 0; fh < this.files.length; fh++) {
      const file = this.files[fh];
      this.files[fh] = undefined;
      file?.release();
    }
    this.files.length = 0;
    this.free.length = 0;
  }

  /** An ioctl's answer to the request in the buffers. */
  result(result: number): number {
    const { reply } = this.buffers;
    reply.setInt32(REPLY_BODY + ioctlOut.result, result, true);
    reply.setUint32(REPLY_BODY + ioctlOut.flags, 0, true);
    reply.setUint32(REPLY_BODY + ioctlOut.inIovs, 0, true);
    reply.setUint32(REPLY_BODY + ioctlOut.outIovs, 0, true);
    return this.buffers.answer(ioctlOut.bytes);
  }

  /** The positive errno of what was thrown; anything but an Errno is our bug or a caller out of reach. */
  errnoOf(error: unknown): number {
    if (error instanceof Errno) return error.errno;
    if (error instanceof MemoryUnavailable) {
      this.events.unreachable(error);
      return ERRNO.EFAULT;
    }
    this.events.bug(error);
    return ERRNO.EIO;
  }

  /**
   * Keeps the request's caller waiting until `held` is let go, then sends what `answer` puts into the reply buffer for
   * it. Safe because the caller cannot leave: an interrupted one stays until the reply, as fwctl's own callers do.
   */
  later(
    held: Held<unknown>,
    send: Send,
    answer: () => number,
    failed = (errno: number) => this.buffers.refuse(errno),
  ): 0 {
    const uniqueLow = this.buffers.request.getUint32(inHeader.unique, true);
    const uniqueHigh = this.buffers.request.getUint32(inHeader.unique + 4, true);
    held.onRelease(() => {
      // the answer is addressed through the request buffer, which by now holds another request or none
      const { request } = this.buffers;
      const low = request.getUint32(inHeader.unique, true);
      const high = request.getUint32(inHeader.unique + 4, true);
      request.setUint32(inHeader.unique, uniqueLow, true);
      request.setUint32(inHeader.unique + 4, uniqueHigh, true);
      let length: number;
      try {
        length = answer();
      } catch (error) {
        length = failed(this.errnoOf(error));
      }
      request.setUint32(inHeader.unique, low, true);
      request.setUint32(inHeader.unique + 4, high, true);
      send(length);
    });
    return NO_REPLY;
  }

  private hold(held: Held<number>, call: UserCall, send: Send, sized: boolean): number {
    this.calls.keepNext();
    return this.later(
      held,
      send,
      () => {
        if (this.ended) call.abandon();
        try {
          return this.result(held.get());
        } finally {
          this.calls.giveBack(call);
        }
      },
      (errno) => this.refused(errno, sized),
    );
  }

  private opened(file: OpenFile, openFlags: number): number {
    const fh = this.free.pop() ?? this.files.length;
    this.files[fh] = file;
    const { reply } = this.buffers;
    this.buffers.clearBody(openOut.bytes);
    reply.setUint32(REPLY_BODY + openOut.fh, fh, true);
    reply.setUint32(REPLY_BODY + openOut.openFlags, openFlags, true);
    return this.buffers.answer(openOut.bytes);
  }

  private continues(retry: RetryPath): boolean {
    const { request } = this.buffers;
    return retry.continues(
      request.getUint32(inHeader.pid, true),
      request.getUint32(REQUEST_BODY + ioctlIn.inSize, true),
      request.getUint32(REQUEST_BODY + ioctlIn.outSize, true),
    );
  }
}

/** Whether the IOCTL request is a 32-bit program's. */
export function isCompat(request: DataView): boolean {
  return (request.getUint32(REQUEST_BODY + ioctlIn.flags, true) & FUSE_IOCTL_COMPAT) !== 0;
}

/** The request's thread, uid and gid; `userNamespace` plays the initial one. */
export function identify(caller: ProcCaller, request: DataView, userNamespace: string): void {
  caller.initialUserNamespace = userNamespace;
  caller.tid = request.getUint32(inHeader.pid, true);
  caller.uid = request.getUint32(inHeader.uid, true);
  caller.gid = request.getUint32(inHeader.gid, true);
}
