/**
 * Open streams: files read record by record, one record a read(2), as /dev/kmsg is (kernel/printk/printk.c,
 * devkmsg_read()). A reader without O_NONBLOCK waits for the next record; a signal ends that with EINTR.
 */
import { constants } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import {
  FOPEN_DIRECT_IO,
  FOPEN_NONSEEKABLE,
  FOPEN_STREAM,
  inHeader,
  interruptIn,
  openOut,
  readIn,
  releaseIn,
} from '../../abi/fuse.ts';
import { NO_DEVICE } from './file-requests.ts';
import { type FuseBuffers, NO_REPLY, REPLY_BODY, REQUEST_BODY } from './reply.ts';
import type { StreamFile, StreamNode } from './tree.ts';

interface Waiting {
  readonly uniqueLow: number;
  readonly uniqueHigh: number;
  readonly stop: () => void;
}

export class Streams {
  private readonly files = new Map<number, StreamFile>();
  private readonly waiting = new Set<Waiting>();
  private readonly buffers: FuseBuffers;
  private readonly send: (length: number) => void;
  private next = NO_DEVICE;

  /** `send` sends the message in the reply buffer, outside of a request. */
  constructor(buffers: FuseBuffers, send: (length: number) => void) {
    this.buffers = buffers;
    this.send = send;
  }

  open(node: StreamNode): number {
    const fh = this.next;
    this.next = ((fh + 1) | NO_DEVICE) >>> 0;
    this.files.set(fh, node.open());
    this.buffers.clearBody(openOut.bytes);
    this.buffers.reply.setUint32(REPLY_BODY + openOut.fh, fh, true);
    const flags = FOPEN_DIRECT_IO | FOPEN_NONSEEKABLE | FOPEN_STREAM;
    this.buffers.reply.setUint32(REPLY_BODY + openOut.openFlags, flags, true);
    return this.buffers.answer(openOut.bytes);
  }

  read(): number {
    const { request } = this.buffers;
    const file = this.files.get(request.getUint32(REQUEST_BODY + readIn.fh, true));
    if (file === undefined) return this.buffers.refuse(ERRNO.EBADF);
    const room = request.getUint32(REQUEST_BODY + readIn.size, true);
    const uniqueLow = request.getUint32(inHeader.unique, true);
    const uniqueHigh = request.getUint32(inHeader.unique + 4, true);
    if (file.peek() !== undefined) return this.record(file, room, uniqueLow, uniqueHigh);
    const flags = request.getUint32(REQUEST_BODY + readIn.flags, true);
    if ((flags & constants.O_NONBLOCK) !== 0) return this.buffers.refuse(ERRNO.EAGAIN);
    this.wait(file, room, uniqueLow, uniqueHigh);
    return NO_REPLY;
  }

  /** INTERRUPT: ends the read that it names, if that waits here. */
  interrupt(): number {
    const { request } = this.buffers;
    const low = request.getUint32(REQUEST_BODY + interruptIn.unique, true);
    const high = request.getUint32(REQUEST_BODY + interruptIn.unique + 4, true);
    for (const one of this.waiting) {
      if (one.uniqueLow !== low || one.uniqueHigh !== high) continue;
      this.waiting.delete(one);
      one.stop();
      return this.buffers.header(low, high, -ERRNO.EINTR);
    }
    return NO_REPLY;
  }

  release(): number {
    this.files.delete(this.buffers.request.getUint32(REQUEST_BODY + releaseIn.fh, true));
    return this.buffers.answer(0);
  }

  /** The connection is over. */
  close(): void {
    for (const one of this.waiting) one.stop();
    this.waiting.clear();
    this.files.clear();
  }

  private wait(file: StreamFile, room: number, uniqueLow: number, uniqueHigh: number): void {
    const one: Waiting = {
      uniqueLow,
      uniqueHigh,
      stop: file.onRecord(() => {
        if (!this.waiting.delete(one)) return;
        one.stop();
        this.send(this.record(file, room, uniqueLow, uniqueHigh));
      }),
    };
    this.waiting.add(one);
  }

  private record(file: StreamFile, room: number, uniqueLow: number, uniqueHigh: number): number {
    const bytes = file.peek() as Uint8Array;
    if (bytes.length > room) return this.buffers.header(uniqueLow, uniqueHigh, -ERRNO.EINVAL);
    file.next();
    this.buffers.replyBytes.set(bytes, REPLY_BODY);
    return this.buffers.header(uniqueLow, uniqueHigh, bytes.length);
  }
}
