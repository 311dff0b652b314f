/** What all sessions share with the addon for good: a request and a reply buffer, the frames of ioctls in flight. */
import { DEFAULT_POLLMASK, inHeader, outHeader, pollOut } from '../../abi/fuse.ts';
import { Copiers } from '../copiers.ts';
import type { Native } from '../native.ts';
import { UserCalls } from '../user-call.ts';

/** FUSE reads need room for the largest request: a CUSE ioctl with 32 pages of data. */
const REQUEST_BYTES = 40 * 4096;
/** The largest reply: 32 pages of ioctl data; a directory listing. */
const REPLY_BYTES = 40 * 4096;

export class FuseBuffers {
  readonly request: DataView;
  readonly requestBytes: Uint8Array;
  readonly reply: DataView;
  readonly replyBytes: Uint8Array;
  readonly calls: UserCalls;
  readonly copiers: Copiers;

  constructor(native: Native) {
    const request = new ArrayBuffer(REQUEST_BYTES);
    const reply = new ArrayBuffer(REPLY_BYTES);
    native.setBuffers(request, reply);
    this.request = new DataView(request);
    this.requestBytes = new Uint8Array(request);
    this.reply = new DataView(reply);
    this.replyBytes = new Uint8Array(reply);
    this.calls = new UserCalls(native);
    this.copiers = new Copiers(native);
  }

  /**
   * Writes the reply's header for the request at hand, with `body` bytes behind it; negative: the errno that refuses
   * it. The message's length. The kernel takes no errno of 512 or above.
   */
  answer(body: number): number {
    const { request } = this;
    return this.header(request.getUint32(inHeader.unique, true), request.getUint32(inHeader.unique + 4, true), body);
  }

  /** The same for a refusal: a positive errno. */
  refuse(errno: number): number {
    return this.answer(-errno);
  }

  /** `answer` to any request, named by the halves of its `unique`. */
  header(uniqueLow: number, uniqueHigh: number, body: number): number {
    const { reply } = this;
    const length = outHeader.bytes + (body > 0 ? body : 0);
    reply.setUint32(outHeader.len, length, true);
    reply.setInt32(outHeader.error, body < 0 ? body : 0, true);
    reply.setUint32(outHeader.unique, uniqueLow, true);
    reply.setUint32(outHeader.unique + 4, uniqueHigh, true);
    return length;
  }

  /** POLL of a file without a poll of its own: always ready. */
  poll(): number {
    this.clearBody(pollOut.bytes);
    this.reply.setUint32(REPLY_BODY + pollOut.revents, DEFAULT_POLLMASK, true);
    return this.answer(pollOut.bytes);
  }

  /** Zeroes `bytes` of the body. */
  clearBody(bytes: number): void {
    this.replyBytes.fill(0, outHeader.bytes, outHeader.bytes + bytes);
  }
}

/** Where a request's body starts in the request buffer. */
export const REQUEST_BODY = inHeader.bytes;
/** Where a reply's body starts in the reply buffer. */
export const REPLY_BODY = outHeader.bytes;
/** Returned by a handler instead of a message's length: nothing is sent now. */
export const NO_REPLY = 0;
