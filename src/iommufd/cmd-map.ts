/**
 * IOMMU_IOAS_MAP, _COPY and _UNMAP: iommufd_ioas_map(), _copy(), _unmap() of drivers/iommu/iommufd/ioas.c.
 * A respond that faults does not undo any of them.
 */
import { ioasCopy, ioasMap, ioasUnmap, MAP_FLAG } from '../abi/iommufd.ts';
import type { Call } from '../kernel/call.ts';
import { Errno } from '../kernel/errno.ts';
import { respond } from '../kernel/ucmd.ts';
import type { IommufdContext } from './context.ts';
import { setU64, u32, u64 } from './fields.ts';
import { ioasOf } from './ioas.ts';
import { ALL_ONES, NO_ACCESS, RESERVED_NOT_ZERO, UNKNOWN_FLAGS } from './refusals.ts';
import { U64_MAX } from './u64.ts';

const {
  IOMMU_IOAS_MAP_FIXED_IOVA: FIXED,
  IOMMU_IOAS_MAP_WRITEABLE: WRITEABLE,
  IOMMU_IOAS_MAP_READABLE: READABLE,
} = MAP_FLAG;
const KNOWN_FLAGS = FIXED | WRITEABLE | READABLE;

const NOTHING_MAPPED = new Errno('ENOENT', 'nothing is mapped in this range', 'unmap what was mapped');

/** Throws EOPNOTSUPP, EOVERFLOW, EINVAL, ENOENT, EEXIST, ENOSPC, EFAULT. */
export function ioasMapCommand(context: IommufdContext, call: Call): number {
  const flags = u32(call, ioasMap.flags);
  if ((flags & ~KNOWN_FLAGS) !== 0) throw UNKNOWN_FLAGS;
  if (u32(call, ioasMap.reserved) !== 0) throw RESERVED_NOT_ZERO;
  const length = u64(call, ioasMap.length);
  const iova = u64(call, ioasMap.iova);
  if (iova === U64_MAX || length === U64_MAX) throw ALL_ONES;
  if ((flags & (WRITEABLE | READABLE)) === 0) throw NO_ACCESS;
  const { pagetable } = ioasOf(context, u32(call, ioasMap.ioasId));
  const fixed = (flags & FIXED) !== 0 ? iova : undefined;
  setU64(call, ioasMap.iova, pagetable.map(u64(call, ioasMap.userVa), length, fixed, (flags & WRITEABLE) !== 0));
  return respond(call, ioasMap.bytes);
}

/** Throws what MAP throws, and EPERM. */
export function ioasCopyCommand(context: IommufdContext, call: Call): number {
  const flags = u32(call, ioasCopy.flags);
  if ((flags & ~KNOWN_FLAGS) !== 0) throw UNKNOWN_FLAGS;
  const length = u64(call, ioasCopy.length);
  const source = u64(call, ioasCopy.srcIova);
  const target = u64(call, ioasCopy.dstIova);
  if (length === U64_MAX || source === U64_MAX || target === U64_MAX) throw ALL_ONES;
  if ((flags & (WRITEABLE | READABLE)) === 0) throw NO_ACCESS;
  const pieces = ioasOf(context, u32(call, ioasCopy.srcIoasId)).pagetable.pagesOf(source, length);
  const { pagetable } = ioasOf(context, u32(call, ioasCopy.dstIoasId));
  const fixed = (flags & FIXED) !== 0 ? target : undefined;
  setU64(call, ioasCopy.dstIova, pagetable.mapPages(pieces, length, fixed, (flags & WRITEABLE) !== 0));
  return respond(call, ioasCopy.bytes);
}

/** Throws ENOENT, EOVERFLOW, EINVAL, EFAULT. iova 0 with length ~0 is everything. */
export function ioasUnmapCommand(context: IommufdContext, call: Call): number {
  const { pagetable } = ioasOf(context, u32(call, ioasUnmap.ioasId));
  const iova = u64(call, ioasUnmap.iova);
  const length = u64(call, ioasUnmap.length);
  const all = iova === 0n && length === U64_MAX;
  if (!all && (iova === U64_MAX || length === U64_MAX)) throw ALL_ONES;
  const { bytes, refusal } = all ? pagetable.unmapAll() : pagetable.unmap(iova, length);
  if (refusal !== undefined) throw refusal;
  if (!all && bytes === 0n) throw NOTHING_MAPPED;
  setU64(call, ioasUnmap.length, bytes);
  return respond(call, ioasUnmap.bytes);
}
