/**
 * Copies that may take as long as a client's page does (native/copier.c): each is made by a process of its own, which
 * waits for that one caller and can be killed alone. One that is done serves the next.
 */
import { ERRNO } from '../abi/errno.ts';
import { COPY_RESULT, NATIVE_DIRECTORY, type Native, type Watch } from './native.ts';

export interface CopyJob {
  /** COPY's. */
  readonly kind: number;
  /** The addon's number of the frame. */
  readonly frame: number;
  readonly tid: number;
  /** Frame offset of the address, and how far behind it. */
  readonly pointer: number;
  readonly skip: number;
  /** Frame offset of the bytes on our side. */
  readonly place: number;
  readonly length: number;
}

export interface Copied {
  /** Bytes before the first fault. */
  readonly bytes: number;
  /** The mappings permit more, and no system call reaches it. */
  readonly unreachable: boolean;
  /** An errno: the thread's memory cannot be had at all. */
  readonly error: number;
}

/** A copy on its way. */
export interface Copying {
  /** Kills the copier; `done` is not called any more. */
  stop(): void;
}

/** So many wait for the next copy; the others end when theirs is done. */
const KEPT = 4;
const PROGRAM = new URL('copier', NATIVE_DIRECTORY).pathname;
const NONE: Copied = { bytes: 0, unreachable: true, error: 0 };

export class Copiers {
  private readonly native: Native;
  private readonly idle: number[] = [];
  private readonly result = new ArrayBuffer(COPY_RESULT.bytes);

  constructor(native: Native) {
    this.native = native;
  }

  /** `done` is called from the event loop, once. A copier that cannot be started, or dies, has reached nothing. */
  copy(job: CopyJob, done: (copied: Copied) => void): Copying {
    const { native } = this;
    const copier = this.idle.pop() ?? native.startCopier(PROGRAM);
    const { kind, frame, tid, pointer, skip, place, length } = job;
    const error = copier < 0 ? copier : native.beginCopy(copier, kind, frame, tid, pointer, skip, place, length);
    if (error < 0) {
      if (copier >= 0) native.endCopier(copier);
      const told = setImmediate(done, NONE);
      return { stop: () => clearImmediate(told) };
    }
    const watch: Watch = native.watch(native.copierSocket(copier), () => {
      const ended = native.endCopy(copier, this.result);
      if (ended === -ERRNO.EAGAIN) return;
      native.unwatch(watch);
      if (ended === 0 && this.idle.length < KEPT) this.idle.push(copier);
      else native.endCopier(copier);
      done(ended === 0 ? copiedOf(this.result) : NONE);
    });
    return {
      stop: () => {
        native.unwatch(watch);
        native.endCopier(copier);
      },
    };
  }
}

function copiedOf(result: ArrayBuffer): Copied {
  const view = new DataView(result);
  return {
    bytes: Number(view.getBigUint64(COPY_RESULT.copied, true)),
    unreachable: view.getUint32(COPY_RESULT.unreachable, true) !== 0,
    error: view.getInt32(COPY_RESULT.error, true),
  };
}
