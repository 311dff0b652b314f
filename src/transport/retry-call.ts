/**
 * A Call that reaches its caller's memory by CUSE's ioctl retry alone (FUSE_IOCTL_RETRY): for callers that
 * process_vm_readv() may not read. Each round runs the ioctl from its start, until all that it reads is granted; up to
 * then its only effect is the taint, which happens once. What it writes is collected, and written by the kernel with
 * the last answer. A fault is the kernel's to answer: it copies the ranges in order and says EFAULT by itself.
 */
import { IOCTL_RETRY_BYTES } from '../abi/fuse.ts';
import { Call, FRAME, type UserPointer } from '../kernel/call.ts';
import { COPY } from './native.ts';
import { MemoryUnavailable } from './open-files.ts';
import { ProcCaller } from './proc-caller.ts';
import type { OwedWrite } from './user-call.ts';

/** A range of the caller's memory. */
export interface UserRange {
  readonly address: bigint;
  readonly length: number;
}

interface Granted {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

const PAGE = 4096;
/** Thrown out of the ioctl when it reads what has not been granted yet; `RetryCall.wanted` says what. */
export const NEED_MORE = new MemoryUnavailable('the ioctl needs more of its caller');

/** The size word of a structure. */
const SIZE_WORD = 4;

export class RetryCall extends Call {
  override readonly caller: ProcCaller;
  /** A range with a fault in it is answered by the kernel, whatever its readable part says. */
  override readonly probeBytes = PAGE;
  override readonly placesFaults = false;
  /** What the next round must bring. */
  wanted: UserRange | undefined;
  /** What the finished ioctl writes, in its order, and whence in the frame (undefined: zeroes). */
  readonly writes: (UserRange & { readonly source: number | undefined })[] = [];
  /** How many of them have been committed. */
  private committed = 0;
  private begun = {};
  private granted: Granted[] = [];
  private zeroes = 0;

  constructor() {
    super(new ArrayBuffer(FRAME.bytes));
    this.caller = new ProcCaller();
  }

  begin(cmd: number, argument: bigint): void {
    this.cmd = cmd;
    this.view.setBigUint64(FRAME.arg, argument, true);
    this.granted = [];
    this.zeroes = 0;
    this.begun = {};
  }

  /** Before each run of the ioctl. */
  rewind(): void {
    this.wanted = undefined;
    this.writes.length = 0;
    this.committed = 0;
  }

  override get ioctl(): object {
    return this.begun;
  }

  /** A tail comes page by page, a round each: what has been looked at is not wanted again. */
  override get zeroTo(): number {
    return this.zeroes;
  }

  override foundZero(from: number, to: number): void {
    this.zeroes = to;
    const [first, end] = [this.address(FRAME.arg, from), this.address(FRAME.arg, to)];
    this.granted = this.granted.filter(({ address, bytes }) => address < first || address + BigInt(bytes.length) > end);
  }

  /** The ioctl has ended with an errno: what it had queued and not committed is not written. */
  dropUncommitted(): void {
    this.writes.length = this.committed;
  }

  /** The first word of the structure: what can be read for certain once the ioctl has run. */
  get sizeWord(): UserRange {
    return { address: this.address(FRAME.arg, 0), length: SIZE_WORD };
  }

  /** The bytes of `wanted`, from the request that brought them. */
  grant(bytes: Uint8Array): void {
    if (this.wanted !== undefined) this.granted.push({ address: this.wanted.address, bytes: bytes.slice() });
  }

  /** What an ioctl on another frame has written, committed. */
  takeWrites({ bytes, view }: Call, writes: readonly OwedWrite[]): void {
    this.rewind();
    for (const { kind, pointer, skip, place, length } of writes) {
      const address = BigInt.asUintN(64, view.getBigUint64(pointer, true) + BigInt(skip));
      if (kind === COPY.write) this.bytes.set(bytes.subarray(place, place + length), place);
      this.writes.push({ address, length, source: kind === COPY.write ? place : undefined });
    }
    this.commit();
  }

  override copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number {
    return this.read(this.address(pointer, skip), target, length);
  }

  override copyToUser(pointer: UserPointer, skip: number, source: number, length: number): void {
    if (length > 0) this.writes.push({ address: this.address(pointer, skip), length, source });
  }

  override clearUser(pointer: UserPointer, skip: number, length: number): void {
    if (length > 0) this.writes.push({ address: this.address(pointer, skip), length, source: undefined });
  }

  /** The kernel writes later, and says EFAULT itself. */
  override commit(): boolean {
    this.committed = this.writes.length;
    return true;
  }

  /** Copies a granted range, or asks for its first missing piece, page by page so that a fault is met in order. */
  private read(address: bigint, target: number, length: number): number {
    let done = 0;
    while (done < length) {
      const piece = this.find(address + BigInt(done));
      if (piece === undefined) {
        this.wanted = {
          address: address + BigInt(done),
          length: this.pieceLength(address + BigInt(done), target, length - done),
        };
        throw NEED_MORE;
      }
      const part = piece.subarray(0, length - done);
      this.bytes.set(part, target + done);
      done += part.length;
    }
    return length;
  }

  /** Payloads and what they point to take as few rounds as can be; a structure and its tail stay in the due page. */
  private pieceLength(address: bigint, target: number, length: number): number {
    const payload = target === FRAME.in || target >= FRAME.buffers;
    const limit = payload ? IOCTL_RETRY_BYTES - PAGE : PAGE - Number(address % BigInt(PAGE));
    return Math.min(length, limit);
  }

  private find(address: bigint): Uint8Array | undefined {
    for (const { address: start, bytes } of this.granted) {
      if (address >= start && address < start + BigInt(bytes.length)) return bytes.subarray(Number(address - start));
    }
    return undefined;
  }

  private address(pointer: UserPointer, skip: number): bigint {
    return BigInt.asUintN(64, this.view.getBigUint64(pointer, true) + BigInt(skip));
  }
}
