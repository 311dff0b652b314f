/**
 * Ioctls whose caller's memory is not there at once: each waits for its own copier, and holds its caller alone. Safe
 * because the caller cannot leave; one that is killed is let go, as the kernel's own page faults are killable.
 */
import { inHeader, ioctlIn } from '../../abi/fuse.ts';
import { Held } from '../../abi/held.ts';
import { Errno } from '../../kernel/errno.ts';
import type { Copied, Copying, CopyJob } from '../copiers.ts';
import { type Answer, MemoryUnavailable, type ServedFile } from '../open-files.ts';
import { NOT_THERE, type OwedWrite, outOfReach, type UserCall } from '../user-call.ts';
import { type FuseBuffers, NO_REPLY, REQUEST_BODY } from './reply.ts';

/** FUSE tells of a caller's first signal only, whichever it is: how often it is asked for a SIGKILL, ms. */
const LOOK_MS = 100;
/** Bytes of an IOCTL request without its data. */
const REQUEST_BYTES = REQUEST_BODY + ioctlIn.bytes;

/** What mappings permit, and neither process_vm_readv(2) nor /proc/TID/mem reaches (memfd_secret, PFNMAP). */
const UNREACHABLE = new MemoryUnavailable('the memory at an address of the caller is one that another cannot reach');
const WRITE_FAULTED = new Errno('EFAULT', 'a buffer of the caller cannot be written after all');

/** What the requests of a session do for their slow ones. */
export interface SlowIoctlParts {
  run(file: ServedFile, call: UserCall): Answer<number> | Held<Answer<number>>;
  /** The answer's body: its bytes, or -errno. */
  encode(answer: Answer<number>, sized: boolean): number;
  send(length: number): void;
  /** Where the kernel may be asked to copy (CUSE): begins the ioctl of the request in the buffer anew. */
  readonly again: ((file: ServedFile) => number) | undefined;
  /** The same for what it writes, once it has run with `result`. Undefined: it is too long for that. */
  readonly write: ((call: UserCall, result: number) => number | undefined) | undefined;
}

interface Slow {
  readonly file: ServedFile;
  readonly call: UserCall;
  readonly sized: boolean;
  readonly request: Uint8Array;
  copying: Copying | undefined;
}

export class SlowIoctls {
  private readonly waiting = new Set<Slow>();
  private readonly buffers: FuseBuffers;
  private readonly parts: SlowIoctlParts;
  private looking: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(buffers: FuseBuffers, parts: SlowIoctlParts) {
    this.buffers = buffers;
    this.parts = parts;
  }

  /** Takes over the ioctl in the request buffer, whose call is its own from here on, with what it has come to. */
  take(file: ServedFile, call: UserCall, sized: boolean, answer: Answer<number> | Held<Answer<number>>): number {
    this.buffers.calls.keepNext();
    const request = this.buffers.requestBytes.slice(0, REQUEST_BYTES);
    this.goOn({ file, call, sized, request, copying: undefined }, answer);
    return NO_REPLY;
  }

  /** A caller has had a signal: those that are killed are let go. */
  look(): void {
    for (const slow of this.waiting) {
      if (!slow.call.caller.killed()) continue;
      this.stop(slow);
      this.reply(slow, new Errno('EINTR', 'the caller was killed while its memory was waited for'));
    }
  }

  /** The connection is gone, and has let all callers go: those that waited for a copier. */
  end(): number {
    this.ended = true;
    const count = this.waiting.size;
    for (const slow of this.waiting) {
      this.stop(slow);
      slow.call.abandon();
      this.buffers.calls.giveBack(slow.call);
    }
    return count;
  }

  private goOn(slow: Slow, answer: Answer<number> | Held<Answer<number>>): void {
    const { file, call } = slow;
    const { again } = this.parts;
    if (answer instanceof Held) answer.onRelease(() => this.goOn(slow, answer.get()));
    else if (answer === NOT_THERE && call.wanted !== undefined) this.read(slow, call.wanted);
    else if (answer === NOT_THERE) this.run(slow);
    else if (answer instanceof MemoryUnavailable && again !== undefined) this.byKernel(slow, () => again(file));
    else this.write(slow, answer, call.owes ? call.owed() : []);
  }

  private run(slow: Slow): void {
    this.goOn(slow, this.parts.run(slow.file, slow.call));
  }

  private read(slow: Slow, wanted: CopyJob): void {
    const { call } = slow;
    this.copy(slow, wanted, ({ bytes, unreachable, error }) => {
      if (error !== 0) this.goOn(slow, outOfReach(call.caller.tid, error));
      else if (unreachable && this.parts.again !== undefined) this.goOn(slow, UNREACHABLE);
      else {
        call.fetched(bytes);
        this.run(slow);
      }
    });
  }

  /** In their order, to the first fault, and then those that are wanted all the same. */
  private write(slow: Slow, answer: Answer<number>, [write, ...others]: readonly OwedWrite[]): void {
    if (write === undefined) {
      this.reply(slow, answer);
      return;
    }
    this.copy(slow, write, ({ bytes, unreachable, error }) => {
      const { write: byKernel } = this.parts;
      if (bytes === write.length && error === 0) this.write(slow, answer, others);
      else if (unreachable && byKernel !== undefined && typeof answer === 'number')
        this.byKernel(slow, () => byKernel(slow.call, answer));
      else {
        const refusal = error !== 0 ? outOfReach(slow.call.caller.tid, error) : WRITE_FAULTED;
        const anyway = others.filter((other) => other.anyway);
        this.write(slow, typeof answer === 'number' ? refusal : answer, anyway);
      }
    });
  }

  private copy(slow: Slow, job: CopyJob, done: (copied: Copied) => void): void {
    this.waiting.add(slow);
    this.looking ??= setInterval(() => this.look(), LOOK_MS);
    slow.copying = this.buffers.copiers.copy(job, (copied) => {
      this.forget(slow);
      done(copied);
    });
  }

  private stop(slow: Slow): void {
    slow.copying?.stop();
    this.forget(slow);
  }

  private forget(slow: Slow): void {
    this.waiting.delete(slow);
    slow.copying = undefined;
    if (this.waiting.size > 0) return;
    clearInterval(this.looking);
    this.looking = undefined;
  }

  /** The request stands in its buffer again, where nobody else needs that: out of any other's handling. */
  private byKernel(slow: Slow, answer: () => number | undefined): void {
    setImmediate(() => {
      if (this.ended) return this.buffers.calls.giveBack(slow.call);
      this.buffers.requestBytes.set(slow.request);
      const length = answer();
      if (length === undefined) return this.reply(slow, WRITE_FAULTED);
      if (length !== NO_REPLY) this.parts.send(length);
      this.buffers.calls.giveBack(slow.call);
    });
  }

  private reply({ call, request, sized }: Slow, answer: Answer<number>): void {
    const header = new DataView(request.buffer, request.byteOffset);
    const low = header.getUint32(inHeader.unique, true);
    const high = header.getUint32(inHeader.unique + 4, true);
    this.buffers.calls.giveBack(call);
    this.parts.send(this.buffers.header(low, high, this.parts.encode(answer, sized)));
  }
}
