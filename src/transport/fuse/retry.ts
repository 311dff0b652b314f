/** The rounds of an ioctl that is served by CUSE's retry: what each request brings, what each answer asks for. */
import { existsSync } from 'node:fs';
import { FUSE_IOCTL_RETRY, IOCTL_RETRY_BYTES, inHeader, ioctlIn, ioctlIovec, ioctlOut } from '../../abi/fuse.ts';
import { Held } from '../../abi/held.ts';
import { type Answer, isRefusal, type ServedFile } from '../open-files.ts';
import { NEED_MORE, RetryCall, type UserRange } from '../retry-call.ts';
import type { UserCall } from '../user-call.ts';
import type { FileRequests, RetryPath } from './file-requests.ts';
import { type FuseBuffers, REPLY_BODY, REQUEST_BODY } from './reply.ts';

/** The size word of the structure, which the last round reads, may need a page of its own. */
const PAGE = 4096;
/** Above this, rounds of threads that are gone (killed, or answered EFAULT by the kernel itself) are swept away. */
const MANY = 16;

interface Rounds {
  readonly call: RetryCall;
  /** Bytes that the next request brings and takes. */
  inSize: number;
  outSize: number;
  /** The ioctl's result, once it has run to its end. */
  result: number | undefined;
}

export class CuseRetry implements RetryPath {
  private readonly rounds = new Map<number, Rounds>();
  /** Frames of ioctls that are over: a frame has 4 MiB, and to make one takes longer than most ioctls. */
  private readonly idle: RetryCall[] = [];
  private readonly requests: FileRequests;
  private readonly buffers: FuseBuffers;
  readonly always: boolean;

  /** `always`: serve every caller so. */
  constructor(requests: FileRequests, buffers: FuseBuffers, always: boolean) {
    this.requests = requests;
    this.buffers = buffers;
    this.always = always;
  }

  continues(): boolean {
    const { request } = this.buffers;
    const rounds = this.rounds.get(request.getUint32(inHeader.pid, true));
    const inSize = request.getUint32(REQUEST_BODY + ioctlIn.inSize, true);
    const outSize = request.getUint32(REQUEST_BODY + ioctlIn.outSize, true);
    return rounds !== undefined && inSize + outSize > 0 && rounds.inSize === inSize && rounds.outSize === outSize;
  }

  ioctl(file: ServedFile): number {
    const { request, requestBytes } = this.buffers;
    const tid = request.getUint32(inHeader.pid, true);
    let rounds = this.rounds.get(tid);
    if (rounds === undefined || !this.continues()) {
      rounds = this.begin(tid);
    } else if (rounds.result !== undefined) {
      return this.buffers.answer(this.finish(tid, rounds, rounds.result));
    } else {
      const data = REQUEST_BODY + ioctlIn.bytes;
      rounds.call.grant(requestBytes.subarray(data, data + rounds.inSize));
    }
    return this.run(tid, rounds, file);
  }

  write(call: UserCall, result: number): number | undefined {
    const owed = call.owed();
    if (owed.reduce((total, { length }) => total + length, 0) > IOCTL_RETRY_BYTES - PAGE) return undefined;
    const rounds = this.begin(call.caller.tid);
    rounds.call.takeWrites(call, owed);
    return this.buffers.answer(this.executed(call.caller.tid, rounds, result));
  }

  private begin(tid: number): Rounds {
    if (this.rounds.size >= MANY) this.sweep();
    const { request } = this.buffers;
    const call = this.rounds.get(tid)?.call ?? this.idle.pop() ?? new RetryCall();
    this.requests.identify(call.caller);
    call.compat = this.requests.compat;
    call.begin(
      request.getUint32(REQUEST_BODY + ioctlIn.cmd, true),
      request.getBigUint64(REQUEST_BODY + ioctlIn.arg, true),
    );
    const rounds = { call, inSize: 0, outSize: 0, result: undefined };
    this.rounds.set(tid, rounds);
    return rounds;
  }

  private run(tid: number, rounds: Rounds, file: ServedFile): number {
    const { call } = rounds;
    call.rewind();
    const answer = this.requests.files.ioctl(file, call);
    if (answer instanceof Held) return this.requests.later(answer, (late) => this.executed(tid, rounds, late));
    if (answer === NEED_MORE && call.wanted !== undefined)
      return this.buffers.answer(this.ask(rounds, [call.wanted], []));
    return this.buffers.answer(this.executed(tid, rounds, answer));
  }

  /**
   * The ioctl is done: the last round writes what it wrote. It reads a word again only because fuse_do_ioctl() keeps
   * `in_pages` of an earlier round, and sends a page for the request's body when a later one reads nothing (every
   * release up to 7.3.4 does: fs/fuse/ioctl.c). Some ioctls write and refuse: IOMMU_IOAS_IOVA_RANGES tells the count
   * with EMSGSIZE. Returns the body's bytes.
   */
  private executed(tid: number, rounds: Rounds, answer: Answer<number>): number {
    if (isRefusal(answer)) rounds.call.dropUncommitted();
    const result = isRefusal(answer) ? -this.requests.files.errnoOf(answer) : answer;
    if (rounds.call.writes.length === 0) return this.finish(tid, rounds, result);
    rounds.result = result;
    return this.ask(rounds, [rounds.call.sizeWord], rounds.call.writes);
  }

  private ask(rounds: Rounds, reads: readonly UserRange[], writes: readonly UserRange[]): number {
    const { reply } = this.buffers;
    this.buffers.clearBody(ioctlOut.bytes);
    reply.setUint32(REPLY_BODY + ioctlOut.flags, FUSE_IOCTL_RETRY, true);
    reply.setUint32(REPLY_BODY + ioctlOut.inIovs, reads.length, true);
    reply.setUint32(REPLY_BODY + ioctlOut.outIovs, writes.length, true);
    let at = REPLY_BODY + ioctlOut.bytes;
    for (const range of [...reads, ...writes]) {
      reply.setBigUint64(at + ioctlIovec.base, range.address, true);
      reply.setBigUint64(at + ioctlIovec.len, BigInt(range.length), true);
      at += ioctlIovec.bytes;
    }
    rounds.inSize = sum(reads);
    rounds.outSize = sum(writes);
    return at - REPLY_BODY;
  }

  private finish(tid: number, rounds: Rounds, result: number): number {
    const { replyBytes } = this.buffers;
    this.rounds.delete(tid);
    let at = REPLY_BODY + this.requests.result(result);
    for (const write of rounds.call.writes) {
      if (write.source === undefined) replyBytes.fill(0, at, at + write.length);
      else replyBytes.set(rounds.call.bytes.subarray(write.source, write.source + write.length), at);
      at += write.length;
    }
    this.idle.push(rounds.call);
    return at - REPLY_BODY;
  }

  private sweep(): void {
    for (const tid of this.rounds.keys()) {
      if (!existsSync(`/proc/${tid}`)) this.rounds.delete(tid);
    }
  }
}

function sum(ranges: readonly UserRange[]): number {
  return ranges.reduce((total, range) => total + range.length, 0);
}
