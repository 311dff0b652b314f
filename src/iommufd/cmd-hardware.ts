/**
 * Commands of devices and hardware page tables, which need hardware: this machine has none, so every id of one is
 * unknown. What is checked before the id is looked up, as in hw_pagetable.c and device.c of drivers/iommu/iommufd.
 */
import { getDirtyBitmap, hwInfo, hwptAlloc, hwptInvalidate, setDirtyTracking } from '../abi/iommufd.ts';
import { type Call, FRAME } from '../kernel/call.ts';
import { Errno } from '../kernel/errno.ts';
import { respond } from '../kernel/ucmd.ts';
import type { IommufdContext } from './context.ts';
import { setU32, u32, u64 } from './fields.ts';
import { RESERVED_NOT_ZERO, UNKNOWN_FLAGS } from './refusals.ts';

const NO_HARDWARE = new Errno(
  'ENOENT',
  'no device or hardware page table has this id: this machine has no IOMMU',
  'test against an ioas; hardware page tables are not emulated',
);
const HALF_DATA = new Errno('EINVAL', 'data_type and data_len must both be set or both be 0');
const BAD_ENTRIES = new Errno(
  'EINVAL',
  'entries without data_uptr, of entry_len 0 or above a page, or more than 0x80000 of them',
);
/** Upper limits of iommufd_hwpt_invalidate(). */
const MAX_ENTRY_LEN = 4096;
const MAX_ENTRIES = 0x80000;
/** Bit 0 of the flags of both dirty-tracking commands. */
const DIRTY_FLAGS = 1;

export function hwptAllocCommand(_context: IommufdContext, call: Call): number {
  if (u32(call, hwptAlloc.reserved) !== 0) throw RESERVED_NOT_ZERO;
  if ((u32(call, hwptAlloc.dataType) !== 0) !== (u32(call, hwptAlloc.dataLen) !== 0)) throw HALF_DATA;
  throw NO_HARDWARE;
}

export function getHwInfo(_context: IommufdContext, call: Call): number {
  if (u32(call, hwInfo.flags) !== 0) throw UNKNOWN_FLAGS;
  const at = FRAME.ucmd + hwInfo.reserved;
  if (call.bytes[at] !== 0 || call.bytes[at + 1] !== 0 || call.bytes[at + 2] !== 0) throw RESERVED_NOT_ZERO;
  throw NO_HARDWARE;
}

export function hwptSetDirtyTracking(_context: IommufdContext, call: Call): number {
  if ((u32(call, setDirtyTracking.flags) & ~DIRTY_FLAGS) !== 0) throw UNKNOWN_FLAGS;
  throw NO_HARDWARE;
}

export function hwptGetDirtyBitmap(_context: IommufdContext, call: Call): number {
  if ((u32(call, getDirtyBitmap.flags) & ~DIRTY_FLAGS) !== 0) throw UNKNOWN_FLAGS;
  if (u32(call, getDirtyBitmap.reserved) !== 0) throw RESERVED_NOT_ZERO;
  throw NO_HARDWARE;
}

/** However it is refused, entry_num says that none were done; EFAULT where that cannot be written. */
export function hwptInvalidateCommand(_context: IommufdContext, call: Call): number {
  const refusal = invalidateRefusal(call);
  setU32(call, hwptInvalidate.entryNum, 0);
  respond(call, hwptInvalidate.bytes);
  throw refusal;
}

function invalidateRefusal(call: Call): Errno {
  if (u32(call, hwptInvalidate.reserved) !== 0) return RESERVED_NOT_ZERO;
  const count = u32(call, hwptInvalidate.entryNum);
  const length = u32(call, hwptInvalidate.entryLen);
  const bad =
    u64(call, hwptInvalidate.dataUptr) === 0n || length === 0 || length > MAX_ENTRY_LEN || count > MAX_ENTRIES;
  return count !== 0 && bad ? BAD_ENTRIES : NO_HARDWARE;
}
