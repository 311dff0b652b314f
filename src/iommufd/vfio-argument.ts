/** A VFIO call's structure: `argsz` where iommufd has `size`, and no look at what lies behind the known part. */
import { type Call, FRAME } from '../kernel/call.ts';
import { Errno } from '../kernel/errno.ts';
import { u32 } from './fields.ts';

const UNREADABLE = new Errno('EFAULT', 'the structure at the argument cannot be read', 'map all of it readable');
const UNWRITABLE = new Errno('EFAULT', 'the structure at the argument cannot be written', 'map it writable');
const ARGSZ_TOO_SMALL = new Errno(
  'EINVAL',
  'argsz is smaller than the structure',
  'set it to the size of the structure',
);

/** Read here first: at FRAME.ucmd itself, a transport takes the first word for how much there is to read. */
const ASIDE = FRAME.ucmd + 0x200;

/** Reads `bytes` bytes to FRAME.ucmd, whatever argsz says. Throws EFAULT; EINVAL for an argsz below that. */
export function readArgument(call: Call, bytes: number): void {
  if (call.copyFromUser(FRAME.arg, 0, ASIDE, bytes) !== bytes) throw UNREADABLE;
  call.bytes.copyWithin(FRAME.ucmd, ASIDE, ASIDE + bytes);
  if (u32(call, 0) < bytes) throw ARGSZ_TOO_SMALL;
}

/** Writes the first `bytes` bytes back, behind all queued writes. Throws EFAULT. */
export function writeArgument(call: Call, bytes: number): void {
  call.copyToUser(FRAME.arg, 0, FRAME.ucmd, bytes);
  if (!call.commit()) throw UNWRITABLE;
}
