/**
 * One ioctl in flight: the caller, and the kernel's own buffers for its structure and payloads, in one ArrayBuffer at
 * agreed offsets: native code fills them without an allocation and without JS values of user addresses. A user pointer
 * is named by the *offset in this frame* of its u64 (the argument at FRAME.arg, a member at FRAME.ucmd + its offset).
 *
 * The memory rules are those of copy_from_user(), copy_to_user() and clear_user(). `commit` carries queued writes out
 * in order, because the kernel's ioctls write last: a fault stops at the byte where the kernel's would.
 */
import type { MessageBuffer } from '../abi/message-buffer.ts';
import type { Caller } from './caller.ts';

/** Offsets in a frame, bytes. */
export const FRAME = {
  /** u64: the ioctl's third argument. */
  arg: 0,
  /** Where a transport notes queued writes; nobody else's. */
  queue: 16,
  /** Where a transport notes what it has read before it was asked to; nobody else's. */
  ahead: 0x1e0,
  /** The ioctl's structure; the kernel's ucmd_buffer. At most 3584 bytes. */
  ucmd: 0x200,
  /** Payload from the caller, at most 2 MiB. */
  in: 0x1000,
  /** Payload to the caller, at most 2 MiB. */
  out: 0x1000 + 0x200000,
  /** What a driver reads and writes at addresses inside a request: 256 KiB, divided as the driver likes. */
  buffers: 0x1000 + 2 * 0x200000,
  bytes: 0x1000 + 2 * 0x200000 + 0x40000,
} as const;

/** Frame offset of a little-endian u64, an address in the caller: the argument, a member, or one in a request. */
export type UserPointer = number;

/** Of an address in the caller, wherever it stands. */
export const POINTER_BYTES = 8;

export abstract class Call {
  readonly buffer: ArrayBuffer;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** FRAME.in as a message buffer; `length` is the valid part. */
  readonly in: MessageBuffer;
  /** FRAME.out as a message buffer; `length` is what the caller asked for. */
  readonly out: MessageBuffer;
  /** The ioctl word, 32 bits. */
  cmd = 0;
  /** The caller is a 32-bit program: compat_sys_ioctl(). */
  compat = false;
  abstract readonly caller: Caller;
  /**
   * The most to ask `copyFromUser` for where the bytes decide whether those behind them are read at all. A transport
   * that cannot tell how far a read got before its fault says a page, and then reads must not cross one.
   */
  readonly probeBytes: number = 1024 * 1024;
  /**
   * Whether `copyFromUser` says how far it got before a fault. False: a fault ends the ioctl with EFAULT there and
   * then, so that nothing may be read that the kernel would not read at that step.
   */
  readonly placesFaults: boolean = true;

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.in = region(buffer, FRAME.in, FRAME.out - FRAME.in);
    this.out = region(buffer, FRAME.out, FRAME.buffers - FRAME.out);
  }

  /**
   * Stands for the ioctl in each of its runs, where a transport may break one off without effect and begin it again:
   * what one run has decided stands in the next. Undefined: there is one run.
   */
  get ioctl(): object | undefined {
    return undefined;
  }

  /** Bytes behind the argument that earlier runs of this ioctl have found to be zero: they are not read again. */
  get zeroTo(): number {
    return 0;
  }

  /** Bytes [from, to) behind the argument are zero. */
  foundZero(_from: number, _to: number): void {}

  /** copy_from_user(frame + target, *pointer + skip, length): bytes copied before the first fault; `length`: all. */
  abstract copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number;

  /**
   * Queues copy_to_user(*pointer + skip, frame + source, length). The source must stay as it is until `commit`.
   * `anyway`: it is carried out also when a write before it has faulted.
   */
  abstract copyToUser(pointer: UserPointer, skip: number, source: number, length: number, anyway?: boolean): void;

  /** Queues clear_user(*pointer + skip, length). */
  abstract clearUser(pointer: UserPointer, skip: number, length: number): void;

  /**
   * Carries out the queued writes in order. False: one faulted; all bytes before that are written, and after it only
   * what is to be written anyway.
   */
  abstract commit(): boolean;
}

function region(buffer: ArrayBuffer, offset: number, length: number): MessageBuffer {
  return { bytes: new Uint8Array(buffer, offset, length), view: new DataView(buffer, offset, length), length: 0 };
}
