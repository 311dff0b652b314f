/** The addon without a kernel: requests are queued by the test, replies are kept, a caller's memory is one array. */
import { ERRNO } from '../../../src/abi/errno.ts';
import { inHeader } from '../../../src/abi/fuse.ts';
import { FRAME } from '../../../src/kernel/call.ts';
import { COMMIT, type Native, type Watch } from '../../../src/transport/native.ts';

/** Where the fake caller's memory starts, and how much there is. */
export const MEMORY_BASE = 0x10000;
export const MEMORY_BYTES = 0x10000;

const COPIER_SOCKET = 77;

const UNUSED = () => {
  throw new Error('not for this test');
};

export class FakeNative implements Native {
  readonly replies: Uint8Array[] = [];
  readonly memory = new Uint8Array(MEMORY_BYTES);
  /** The caller's pages are not there at once: a copier is asked, and has done what the test says that it has. */
  absent = false;
  readonly jobs: { kind: number; pointer: number; place: number; length: number }[] = [];
  copiersEnded = 0;
  private copied:
    | ((frame: Uint8Array, job: { place: number }) => readonly [bytes: number, unreachable: number])
    | undefined;
  private copyDone: (() => void) | undefined;
  private copyingFrame = 0;
  /** The kernel's connection has ended. */
  private gone = false;
  /** Set to -EPERM or -ESRCH: the caller's memory is out of reach. */
  unreachable = 0;
  private readonly requests: Uint8Array[] = [];
  private readonly frames: Uint8Array[] = [];
  private request = new Uint8Array(0);
  private reply = new Uint8Array(0);
  private ready: (() => void) | undefined;
  private unique = 0;
  watched = 0;

  /** One request through the session: its reply's body and error, or undefined when nothing was answered. */
  ask(
    opcode: number,
    nodeid: number,
    body: Uint8Array = new Uint8Array(0),
  ): { error: number; body: DataView } | undefined {
    const message = new Uint8Array(inHeader.bytes + body.length);
    const view = new DataView(message.buffer);
    this.unique += 2;
    view.setUint32(inHeader.len, message.length, true);
    view.setUint32(inHeader.opcode, opcode, true);
    view.setUint32(inHeader.unique, this.unique, true);
    view.setUint32(inHeader.nodeid, nodeid, true);
    view.setUint32(inHeader.pid, process.pid, true);
    message.set(body, inHeader.bytes);
    return this.send(message);
  }

  /** The same for raw bytes. */
  send(message: Uint8Array): { error: number; body: DataView } | undefined {
    const before = this.replies.length;
    this.requests.push(message);
    this.ready?.();
    const reply = this.replies[before];
    if (reply === undefined) return undefined;
    const view = new DataView(reply.buffer);
    return { error: view.getInt32(4, true), body: new DataView(reply.buffer, 16) };
  }

  /** The connection ends as by an unmount, or by a time-out of the kernel's. */
  end(): void {
    this.gone = true;
    this.ready?.();
  }

  setBuffers(request: ArrayBuffer, reply: ArrayBuffer): void {
    this.request = new Uint8Array(request);
    this.reply = new Uint8Array(reply);
  }

  readRequest(): number {
    const next = this.requests.shift();
    if (next === undefined) return this.gone ? -ERRNO.ENODEV : -ERRNO.EAGAIN;
    this.request.set(next);
    return next.length;
  }

  writeReply(_fd: number, length: number): number {
    this.replies.push(this.reply.slice(0, length));
    return 0;
  }

  replyThenRead(fd: number, length: number): number {
    this.writeReply(fd, length);
    return this.readRequest();
  }

  watch(fd: number, callback: () => void): Watch {
    if (fd === COPIER_SOCKET) {
      this.copyDone = callback;
      return { brand: 'watch' };
    }
    this.watched++;
    this.ready = callback;
    return { brand: 'watch' };
  }

  pauseWatch(): void {}

  unwatch(): void {
    if (this.copyDone !== undefined) {
      this.copyDone = undefined;
      return;
    }
    this.watched--;
    this.ready = undefined;
  }

  /** The copier ends its job: `fill` may put bytes into the frame, says how many, and whether more is unreachable. */
  endJob(fill: (frame: Uint8Array, job: { place: number }) => readonly [bytes: number, unreachable: number]): void {
    this.copied = fill;
    this.copyDone?.();
  }

  startCopier(): number {
    return 0;
  }

  copierSocket(): number {
    return COPIER_SOCKET;
  }

  beginCopy(
    _copier: number,
    kind: number,
    frame: number,
    _tid: number,
    pointer: number,
    _skip: number,
    place: number,
    length: number,
  ): number {
    this.copyingFrame = frame;
    this.jobs.push({ kind, pointer, place, length });
    return 0;
  }

  endCopy(_copier: number, result: ArrayBuffer): number {
    const job = this.jobs.at(-1);
    const [bytes, unreachable] = (job && this.copied?.(this.frame(this.copyingFrame), job)) ?? [0, 0];
    new Uint32Array(result).set([bytes, 0, unreachable, 0]);
    return 0;
  }

  endCopier(): void {
    this.copiersEnded++;
  }

  addFrame(buffer: ArrayBuffer): number {
    return this.frames.push(new Uint8Array(buffer)) - 1;
  }

  copyFromUser(frame: number, _tid: number, pointer: number, skip: number, target: number, length: number): number {
    if (this.unreachable !== 0) return this.unreachable;
    if (this.absent) return -ERRNO.EAGAIN;
    const { at, count } = this.reach(frame, pointer, skip, length);
    this.frame(frame).set(this.memory.subarray(at, at + count), target);
    return count;
  }

  commit(frame: number, _tid: number, count: number): number {
    if (this.unreachable !== 0) return this.unreachable;
    if (this.absent) return COMMIT.deferred;
    const bytes = this.frame(frame);
    const queue = new Uint32Array(bytes.buffer, FRAME.queue, count * 4);
    for (let i = 0; i < count * 4; i += 4) {
      const [pointer, skip, source, length] = queue.subarray(i, i + 4) as unknown as [number, number, number, number];
      const { at, count: written } = this.reach(frame, pointer, skip, length);
      if (source === 0xffffffff) this.memory.fill(0, at, at + written);
      else this.memory.set(bytes.subarray(source, source + written), at);
      if (written < length) return -ERRNO.EFAULT;
    }
    return 0;
  }

  private reach(frame: number, pointer: number, skip: number, length: number): { at: number; count: number } {
    const address = Number(new DataView(this.frame(frame).buffer).getBigUint64(pointer, true)) + skip - MEMORY_BASE;
    const inside = address >= 0 && address < MEMORY_BYTES;
    return { at: inside ? address : 0, count: inside ? Math.min(length, MEMORY_BYTES - address) : 0 };
  }

  private frame(index: number): Uint8Array {
    const frame = this.frames[index];
    if (frame === undefined) throw new Error(`no frame ${index}`);
    return frame;
  }

  setNextFrame(): void {}

  setShortcuts = UNUSED;
  setSpin = UNUSED;
  setTrusting = UNUSED;
  processVmProbe = UNUSED;
  mount = UNUSED;
  umount = UNUSED;
  socketPair = UNUSED;
  receiveMessage = UNUSED;
  peerUid = UNUSED;
  lockFile = UNUSED;
  watchNames = UNUSED;
  reapChild = UNUSED;
  notify = UNUSED;
  exit = UNUSED;
  fwctlIoctl = UNUSED;
}

/** Little-endian 32-bit words as bytes. */
export function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setUint32(index * 4, value, true);
  });
  return bytes;
}
