/**
 * VFIO_IOMMU_MAP_DMA and VFIO_IOMMU_UNMAP_DMA: iommufd_vfio_map_dma(), iommufd_vfio_unmap_dma() of
 * drivers/iommu/iommufd/vfio_compat.c. On the chosen address space, by rules a little laxer than iommufd's own.
 */
import {
  dmaMap,
  dmaUnmap,
  VFIO_DMA_MAP_FLAG_READ,
  VFIO_DMA_MAP_FLAG_WRITE,
  VFIO_DMA_UNMAP_FLAG_ALL,
} from '../abi/iommufd-vfio.ts';
import type { Call } from '../kernel/call.ts';
import { Errno } from '../kernel/errno.ts';
import type { IommufdContext } from './context.ts';
import { setU64, u32, u64 } from './fields.ts';
import type { IoPagetable, Unmapped } from './io-pagetable.ts';
import { U64_MAX } from './u64.ts';
import { writeArgument } from './vfio-argument.ts';
import { vfioIoasOf } from './vfio-ioas.ts';

const UNKNOWN_VFIO_FLAGS = new Errno('EINVAL', 'flags has a bit that is not known here', 'clear it');
const ALL_WITH_RANGE = new Errno('EINVAL', 'VFIO_DMA_UNMAP_FLAG_ALL with a range', 'set iova and size to 0');

/** Always at the given IOVA; access rights may be none. Throws EINVAL, ENODEV, EOVERFLOW, EEXIST. */
export function vfioMapDma(context: IommufdContext, call: Call): number {
  const flags = u32(call, dmaMap.flags);
  if ((flags & ~(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)) !== 0) throw UNKNOWN_VFIO_FLAGS;
  const { pagetable } = vfioIoasOf(context);
  const writable = (flags & VFIO_DMA_MAP_FLAG_WRITE) !== 0;
  pagetable.map(u64(call, dmaMap.vaddr), u64(call, dmaMap.length), u64(call, dmaMap.iova), writable);
  return 0;
}

/** `size` says what was unmapped, even of a refused range. Throws EFAULT, EINVAL, ENODEV, EOVERFLOW, ENOENT. */
export function vfioUnmapDma(context: IommufdContext, call: Call): number {
  const flags = u32(call, dmaUnmap.flags);
  if ((flags & ~VFIO_DMA_UNMAP_FLAG_ALL) !== 0) throw UNKNOWN_VFIO_FLAGS;
  const { pagetable } = vfioIoasOf(context);
  const iova = u64(call, dmaUnmap.iova);
  const length = u64(call, dmaUnmap.length);
  const all = (flags & VFIO_DMA_UNMAP_FLAG_ALL) !== 0;
  if (all && (iova !== 0n || length !== 0n)) throw ALL_WITH_RANGE;
  if (!all && !pagetable.hugePages) cutAtEnds(pagetable, iova, length);
  const { bytes, refusal } = all ? pagetable.unmapAll() : unmapped(pagetable, iova, length);
  setU64(call, dmaUnmap.length, bytes);
  writeArgument(call, dmaUnmap.bytes);
  if (refusal !== undefined) throw refusal;
  return 0;
}

/** Areas that the range begins or ends in are split, so that the unmap cuts none. */
function cutAtEnds(pagetable: IoPagetable, iova: bigint, length: bigint): void {
  pagetable.cut((iova + length - 1n) & U64_MAX);
  if (iova !== 0n) pagetable.cut(iova - 1n);
}

/** Here even a range that is refused as such writes back a size. */
function unmapped(pagetable: IoPagetable, iova: bigint, length: bigint): Unmapped {
  try {
    return pagetable.unmap(iova, length);
  } catch (error) {
    if (error instanceof Errno) return { bytes: 0n, refusal: error };
    throw error;
  }
}
