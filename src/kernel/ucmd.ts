/**
 * An ioctl's structure, in and out: copy_struct_from_user() and check_zeroed_user() of include/linux/uaccess.h and
 * lib/usercopy.c, ucmd_respond() and copy_to_user_zero_pad() of drivers/fwctl/main.c.
 */
import { type Call, FRAME, type UserPointer } from './call.ts';
import { Errno } from './errno.ts';

export const SIZE_UNREADABLE = new Errno(
  'EFAULT',
  'the size word at the argument cannot be read',
  'pass the address of a mapped structure',
);
const STRUCT_UNREADABLE = new Errno(
  'EFAULT',
  'the structure at the argument cannot be read',
  'map all of the structure readable',
);
const TAIL_UNREADABLE = new Errno(
  'EFAULT',
  'bytes behind the known structure, counted in by its size word, cannot be read',
  'set size to the size of the structure',
);
const TAIL_NOT_ZERO = new Errno(
  'E2BIG',
  'the structure is longer than this kernel knows and a byte of the unknown part is not zero',
  'zero the members this kernel does not know, or set size to the size of the structure',
);
const STRUCT_UNWRITABLE = new Errno(
  'EFAULT',
  'the structure at the argument, or a buffer it points to, cannot be written',
  'map the structure and its output buffers writable; bytes before the fault have been written',
);

/** Tail bytes are read in chunks from this up to `Call.probeBytes`: an early nonzero byte then costs little. */
const PAGE = 4096;

/**
 * The structure at the ioctl's argument, to FRAME.ucmd: `knownSize` bytes, zero from the caller's own size on.
 * Throws EFAULT (size word), `tooSmall`, E2BIG or EFAULT (tail, by address), EFAULT (structure), in this order.
 */
export function copyStructFromUser(call: Call, knownSize: number, minSize: number, tooSmall: Errno): void {
  if (!call.placesFaults) {
    copyPieceByPiece(call, knownSize, minSize, tooSmall);
    return;
  }
  const copied = call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, knownSize);
  if (copied < 4) throw SIZE_UNREADABLE;
  const size = call.view.getUint32(FRAME.ucmd, true);
  if (size < minSize) throw tooSmall;
  if (size > knownSize) checkZeroedTail(call, knownSize, size);
  if (copied < knownSize && copied < size) throw STRUCT_UNREADABLE;
  if (size < knownSize) call.bytes.fill(0, FRAME.ucmd + size, FRAME.ucmd + knownSize);
}

/** The same by the kernel's own reads in order: size word, tail, structure. A read with a fault never returns. */
function copyPieceByPiece(call: Call, knownSize: number, minSize: number, tooSmall: Errno): void {
  call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, 4);
  const size = call.view.getUint32(FRAME.ucmd, true);
  if (size < minSize) throw tooSmall;
  if (size > knownSize) checkZeroedTail(call, knownSize, size);
  call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, Math.min(size, knownSize));
  if (size < knownSize) call.bytes.fill(0, FRAME.ucmd + size, FRAME.ucmd + knownSize);
}

/** Bytes [from, to) behind the argument must read as zero. Uses FRAME.out as scratch: nothing stands there yet. */
function checkZeroedTail(call: Call, from: number, to: number): void {
  const begin = Math.max(from, call.zeroTo);
  // the first chunk ends with its page, so that no later one of a page's size crosses a border
  let chunk = PAGE - ((call.view.getUint32(FRAME.arg, true) + begin) % PAGE);
  let next = PAGE;
  for (let at = begin; at < to; at += chunk, chunk = next, next = Math.min(next * 4, call.probeBytes)) {
    const wanted = Math.min(chunk, to - at);
    const copied = call.copyFromUser(FRAME.arg, at, FRAME.out, wanted);
    if (!isZero(call, FRAME.out, copied)) throw TAIL_NOT_ZERO;
    if (copied < wanted) throw TAIL_UNREADABLE;
    call.foundZero(at, at + wanted);
  }
}

function isZero(call: Call, start: number, length: number): boolean {
  const { view, bytes } = call;
  const words = length & ~3;
  for (let i = 0; i < words; i += 4) if (view.getInt32(start + i, true) !== 0) return false;
  for (let i = words; i < length; i++) if (bytes[start + i] !== 0) return false;
  return true;
}

/**
 * ucmd_respond(): writes the structure at FRAME.ucmd back behind all queued writes, and carries the writes out.
 * Never more than the caller's own size. Returns 0, the ioctl's result. Throws EFAULT.
 */
export function respond(call: Call, knownSize: number): number {
  const size = call.view.getUint32(FRAME.ucmd, true);
  call.copyToUser(FRAME.arg, 0, FRAME.ucmd, size < knownSize ? size : knownSize);
  if (!call.commit()) throw STRUCT_UNWRITABLE;
  return 0;
}

/** copy_to_user_zero_pad(): queues `length` bytes at `source`, cut or padded to `userLength`. `respond` may fault. */
export function copyToUserZeroPad(
  call: Call,
  pointer: UserPointer,
  userLength: number,
  source: number,
  length: number,
): void {
  const copied = length < userLength ? length : userLength;
  if (copied > 0) call.copyToUser(pointer, 0, source, copied);
  if (copied < userLength) call.clearUser(pointer, copied, userLength - copied);
}
