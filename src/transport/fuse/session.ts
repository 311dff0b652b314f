/**
 * One open /dev/fuse or /dev/cuse: reads requests, hands each to its row, sends the answer (hops 1 and 2 of an RPC). A
 * wake-up of the event loop serves all that the kernel has, up to a bound, so that other sessions get their turn.
 */
import { closeSync } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import { inHeader } from '../../abi/fuse.ts';
import type { Native, Watch } from '../native.ts';
import { type FuseBuffers, NO_REPLY } from './reply.ts';

/** Requests served in one wake-up at the most. */
const DRAIN = 64;
/** After so many in a row the wake-up is worth the two system calls of a pause. */
const BURST = 4;

export interface RequestHandler {
  /** Answers the request in the buffers: the length of the message that it put into the reply buffer, or NO_REPLY. */
  handle(opcode: number): number;
}

export interface SessionEvents {
  /** The connection is over (unmounted, or aborted by the kernel): `errno` 0, or of a failed read(2). Called once. */
  ended(errno: number): void;
  /** Our own bug: an exception that is no Errno. The request is answered EIO and the session lives on. */
  bug(error: unknown): void;
}

export class Session {
  readonly fd: number;
  private readonly native: Native;
  private readonly buffers: FuseBuffers;
  private readonly handler: RequestHandler;
  private readonly events: SessionEvents;
  private watch: Watch | undefined;

  constructor(fd: number, native: Native, buffers: FuseBuffers, handler: RequestHandler, events: SessionEvents) {
    this.fd = fd;
    this.native = native;
    this.buffers = buffers;
    this.handler = handler;
    this.events = events;
    this.watch = native.watch(fd, () => this.drain());
  }

  /** Ends the connection: callers with an unanswered request get ECONNABORTED. */
  close(): void {
    if (this.watch === undefined) return;
    this.native.unwatch(this.watch);
    this.watch = undefined;
    closeSync(this.fd);
  }

  get closed(): boolean {
    return this.watch === undefined;
  }

  /** Sends the message in the reply buffer outside of a wake-up: a late answer. A request that is gone is no error. */
  send(length: number): void {
    if (!this.closed) this.native.writeReply(this.fd, length);
  }

  private drain(): void {
    let length = this.native.readRequest(this.fd);
    for (let served = 1; length > 0; served++) {
      const answer = this.guarded(length);
      if (this.watch === undefined) return;
      if (served === BURST) this.native.pauseWatch(this.watch);
      if (served === DRAIN) {
        if (answer !== NO_REPLY) this.native.writeReply(this.fd, answer);
        return;
      }
      length = answer === NO_REPLY ? this.native.readRequest(this.fd) : this.native.replyThenRead(this.fd, answer);
      if (length === -ERRNO.EINVAL && answer !== NO_REPLY) length = this.afterRefusedReply();
    }
    // ENOENT: a request was aborted between wake-up and read
    if (length === -ERRNO.EAGAIN || length === -ERRNO.ENOENT) return;
    this.close();
    this.events.ended(length === -ERRNO.ENODEV ? 0 : -length);
  }

  /** The kernel refused a reply (its caller got EIO): our own bug, and no reason to leave the other callers alone. */
  private afterRefusedReply(): number {
    const opcode = this.buffers.request.getUint32(inHeader.opcode, true);
    this.events.bug(new Error(`the kernel refused the reply to a request of opcode ${opcode}`));
    return this.native.readRequest(this.fd);
  }

  private guarded(length: number): number {
    // the rows trust the length: a request whose own differs from what was read is no request of this kernel
    if (this.buffers.request.getUint32(inHeader.len, true) !== length) return this.buffers.refuse(ERRNO.EIO);
    try {
      return this.handler.handle(this.buffers.request.getUint32(inHeader.opcode, true));
    } catch (error) {
      this.events.bug(error);
      return this.buffers.refuse(ERRNO.EIO);
    }
  }
}
