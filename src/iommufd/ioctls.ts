/** The ioctls of /dev/iommu: iommufd_ioctl_ops[] and iommufd_fops_ioctl() of drivers/iommu/iommufd/main.c. */
import * as abi from '../abi/iommufd.ts';
import type { IommufdAbi } from '../abi/iommufd-profiles.ts';
import type { CommandFile, IoctlCommand } from '../kernel/commands.ts';
import { Errno } from '../kernel/errno.ts';
import { type IoctlPolicy, type IoctlRow, type IoctlTable, ioctlTable } from '../kernel/ioctl-table.ts';
import { faultQueueAllocCommand } from './cmd-fault.ts';
import {
  getHwInfo,
  hwptAllocCommand,
  hwptGetDirtyBitmap,
  hwptInvalidateCommand,
  hwptSetDirtyTracking,
} from './cmd-hardware.ts';
import { ioasCopyCommand, ioasMapCommand, ioasUnmapCommand } from './cmd-map.ts';
import { ioasAllocCommand, iommuDestroy } from './cmd-object.ts';
import { iommuOption, iommuVfioIoas } from './cmd-option.ts';
import { ioasAllowIovas, ioasIovaRanges } from './cmd-ranges.ts';
import type { IommufdContext } from './context.ts';
import { VFIO_IOCTLS, vfioIoctl } from './vfio.ts';

export type IommufdRow = IoctlRow<IommufdContext>;

/** A row whose structure has no optional members, or with `minSize`, the end of the last mandatory one. */
function row(
  name: string,
  number: number,
  layout: { readonly bytes: number; readonly minBytes?: number },
  execute: IommufdRow['execute'],
): IommufdRow {
  return { name, number, size: layout.bytes, minSize: layout.minBytes ?? layout.bytes, execute };
}

const CORE: readonly IommufdRow[] = [row('IOMMU_DESTROY', abi.IOMMU_DESTROY, abi.destroy, iommuDestroy)];

const ADDRESS_SPACE: readonly IommufdRow[] = [
  row('IOMMU_IOAS_ALLOC', abi.IOMMU_IOAS_ALLOC, abi.ioasAlloc, ioasAllocCommand),
  row('IOMMU_IOAS_ALLOW_IOVAS', abi.IOMMU_IOAS_ALLOW_IOVAS, abi.allowIovas, ioasAllowIovas),
  row('IOMMU_IOAS_COPY', abi.IOMMU_IOAS_COPY, abi.ioasCopy, ioasCopyCommand),
  row('IOMMU_IOAS_IOVA_RANGES', abi.IOMMU_IOAS_IOVA_RANGES, abi.iovaRanges, ioasIovaRanges),
  row('IOMMU_IOAS_MAP', abi.IOMMU_IOAS_MAP, abi.ioasMap, ioasMapCommand),
  row('IOMMU_IOAS_UNMAP', abi.IOMMU_IOAS_UNMAP, abi.ioasUnmap, ioasUnmapCommand),
  row('IOMMU_OPTION', abi.IOMMU_OPTION, abi.option, iommuOption),
  row('IOMMU_VFIO_IOAS', abi.IOMMU_VFIO_IOAS, abi.vfioIoas, iommuVfioIoas),
  row('IOMMU_HWPT_ALLOC', abi.IOMMU_HWPT_ALLOC, abi.hwptAlloc, hwptAllocCommand),
  row('IOMMU_GET_HW_INFO', abi.IOMMU_GET_HW_INFO, abi.hwInfo, getHwInfo),
  row('IOMMU_HWPT_SET_DIRTY_TRACKING', abi.IOMMU_HWPT_SET_DIRTY_TRACKING, abi.setDirtyTracking, hwptSetDirtyTracking),
  row('IOMMU_HWPT_GET_DIRTY_BITMAP', abi.IOMMU_HWPT_GET_DIRTY_BITMAP, abi.getDirtyBitmap, hwptGetDirtyBitmap),
  row('IOMMU_HWPT_INVALIDATE', abi.IOMMU_HWPT_INVALIDATE, abi.hwptInvalidate, hwptInvalidateCommand),
  row('IOMMU_FAULT_QUEUE_ALLOC', abi.IOMMU_FAULT_QUEUE_ALLOC, abi.faultQueueAlloc, faultQueueAllocCommand),
];

/** The rows of one kernel. */
export function iommufdRows(profile: IommufdAbi): readonly IommufdRow[] {
  return profile.ioas ? [...CORE, ...ADDRESS_SPACE] : CORE;
}

/** All that a file of one kernel answers, VFIO's ioctls too. */
export function iommufdCommands(profile: IommufdAbi): readonly IoctlCommand[] {
  return profile.ioas ? [...iommufdRows(profile), ...VFIO_IOCTLS] : iommufdRows(profile);
}

/** The table of one kernel, and further rows of a test's own, as the seeds' test objects were. */
export function iommufdTable(profile: IommufdAbi, further: readonly IommufdRow[] = []): IoctlTable<CommandFile> {
  const rows = [...iommufdRows(profile), ...further].map(
    (row): IoctlRow<CommandFile> => ({ ...row, execute: (file, call) => file.execute(row, call) }),
  );
  return ioctlTable(rows, policyOf(profile));
}

function policyOf(profile: IommufdAbi): IoctlPolicy<CommandFile> {
  const tooSmall = new Errno(
    profile.tooSmall,
    'the size word is smaller than the mandatory part of the structure',
    'set size to the size of the structure',
  );
  // get_user() of the size word comes before the number is compared
  const policy = { tooSmall, readsUnknown: true };
  if (!profile.ioas) return policy;
  const last = abi.IOMMU_FAULT_QUEUE_ALLOC & 0xff;
  return { ...policy, outside: { first: abi.IOMMUFD_CMD_BASE, last, execute: vfioIoctl } };
}
