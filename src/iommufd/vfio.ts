/**
 * VFIO type1 on iommufd's descriptor and /dev/vfio/vfio: iommufd_vfio_ioctl() of drivers/iommu/iommufd/vfio_compat.c.
 * Gets every nr outside iommufd's table. Some arguments are values: nothing is read before the number is known.
 */
import type { Held } from '../abi/held.ts';
import * as vfio from '../abi/iommufd-vfio.ts';
import { type Call, FRAME } from '../kernel/call.ts';
import type { CommandFile, IoctlCommand } from '../kernel/commands.ts';
import { Errno } from '../kernel/errno.ts';
import { UNKNOWN_NUMBER } from '../kernel/ioctl-table.ts';
import type { IommufdContext } from './context.ts';
import { readArgument } from './vfio-argument.ts';
import { vfioGetInfo } from './vfio-info.ts';
import { vfioIoasOf } from './vfio-ioas.ts';
import { vfioMapDma, vfioUnmapDma } from './vfio-map.ts';

const { VFIO_TYPE1_IOMMU, VFIO_TYPE1v2_IOMMU, VFIO_DMA_CC_IOMMU, VFIO_UNMAP_ALL } = vfio.VFIO_EXTENSION;
const EXTENSIONS: ReadonlySet<bigint> = new Set([VFIO_TYPE1_IOMMU, VFIO_TYPE1v2_IOMMU, VFIO_UNMAP_ALL].map(BigInt));

const NO_SUCH_IOMMU = new Errno(
  'EINVAL',
  'VFIO_SET_IOMMU takes VFIO_TYPE1_IOMMU (1) or VFIO_TYPE1v2_IOMMU (3)',
  'use one of them',
);

/** `size` is what is read: up to the last mandatory member. */
export const VFIO_IOCTLS: readonly IoctlCommand[] = [
  { name: 'VFIO_GET_API_VERSION', number: vfio.VFIO_GET_API_VERSION, size: 0, execute: () => vfio.VFIO_API_VERSION },
  { name: 'VFIO_CHECK_EXTENSION', number: vfio.VFIO_CHECK_EXTENSION, size: 0, execute: checkExtension },
  { name: 'VFIO_SET_IOMMU', number: vfio.VFIO_SET_IOMMU, size: 0, execute: setIommu },
  {
    name: 'VFIO_IOMMU_GET_INFO',
    number: vfio.VFIO_IOMMU_GET_INFO,
    size: vfio.type1Info.minBytes,
    execute: vfioGetInfo,
  },
  { name: 'VFIO_IOMMU_MAP_DMA', number: vfio.VFIO_IOMMU_MAP_DMA, size: vfio.dmaMap.bytes, execute: vfioMapDma },
  { name: 'VFIO_IOMMU_UNMAP_DMA', number: vfio.VFIO_IOMMU_UNMAP_DMA, size: vfio.dmaUnmap.bytes, execute: vfioUnmapDma },
];

const byNumber: ReadonlyMap<number, IoctlCommand> = new Map(VFIO_IOCTLS.map((row) => [row.number, row]));

/** Throws ENOTTY; EFAULT and EINVAL for the structure; and what the command throws. */
export function vfioIoctl(file: CommandFile, call: Call): number | Held<number> {
  const row = byNumber.get(call.cmd);
  if (row === undefined) throw UNKNOWN_NUMBER;
  if (row.size > 0) readArgument(call, row.size);
  return file.execute(row, call);
}

/** The ioctl's argument as a value. */
function argument(call: Call): bigint {
  return call.view.getBigUint64(FRAME.arg, true);
}

function checkExtension(context: IommufdContext, call: Call): number {
  const extension = argument(call);
  // Without a device every one there is keeps caches coherent.
  if (extension === BigInt(VFIO_DMA_CC_IOMMU)) return vfioIoasOf(context) === undefined ? 0 : 1;
  return EXTENSIONS.has(extension) ? 1 : 0;
}

/** Type 1 promises that areas can be cut, which large pages would not allow. Throws EINVAL, ENODEV, EADDRINUSE. */
function setIommu(context: IommufdContext, call: Call): number {
  const type = argument(call);
  if (type !== BigInt(VFIO_TYPE1_IOMMU) && type !== BigInt(VFIO_TYPE1v2_IOMMU)) throw NO_SUCH_IOMMU;
  const { pagetable } = vfioIoasOf(context);
  if (type === BigInt(VFIO_TYPE1_IOMMU)) pagetable.setHugePages(false);
  return 0;
}
