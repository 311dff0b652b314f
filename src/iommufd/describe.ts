/**
 * What the trace shows of iommufd's ioctls and of VFIO's on the same descriptor: a row each, with its members at the
 * offsets of abi/iommufd.ts. Names: include/uapi/linux/iommufd.h, vfio.h; the last part only of flags and options.
 */
import * as abi from '../abi/iommufd.ts';
import type { IommufdAbi } from '../abi/iommufd-profiles.ts';
import * as vfio from '../abi/iommufd-vfio.ts';
import type { DescribedIoctl, DescribedMember } from '../kernel/ioctl-members.ts';
import { iommufdRows } from './ioctls.ts';
import { VFIO_IOCTLS } from './vfio.ts';

type Words = DescribedMember['words'];

/** NAME:TYPE, with `<` before what the ioctl writes, `=` before what it reads and writes; and the member's offset. */
type Row = readonly [spec: string, offset: number, words?: Words];

const shortened = (names: Readonly<Record<string, number>>, prefix: string): Record<string, number> =>
  Object.fromEntries(Object.entries(names).map(([name, value]) => [name.replace(prefix, ''), value]));

const MAP_FLAGS: Words = { kind: 'bits', names: shortened(abi.MAP_FLAG, 'IOMMU_IOAS_MAP_') };
const OPTIONS: Words = { kind: 'values', names: shortened(abi.OPTION, 'IOMMU_OPTION_') };
const OPTION_OPS: Words = { kind: 'values', names: shortened(abi.OPTION_OP, 'IOMMU_OPTION_OP_') };
const VFIO_OPS: Words = { kind: 'values', names: shortened(abi.VFIO_IOAS_OP, 'IOMMU_VFIO_IOAS_') };
const DMA_FLAGS: Words = {
  kind: 'bits',
  names: { READ: vfio.VFIO_DMA_MAP_FLAG_READ, WRITE: vfio.VFIO_DMA_MAP_FLAG_WRITE },
};
const UNMAP_FLAGS: Words = { kind: 'bits', names: { ALL: vfio.VFIO_DMA_UNMAP_FLAG_ALL } };

/** By ioctl word. Reserved members are shown where a value in them is a refusal of its own. */
const MEMBERS: ReadonlyMap<number, readonly Row[]> = new Map<number, readonly Row[]>([
  [abi.IOMMU_DESTROY, [['id:u32', abi.destroy.id]]],
  [
    abi.IOMMU_IOAS_ALLOC,
    [
      ['flags:u32', abi.ioasAlloc.flags],
      ['<out_ioas_id:u32', abi.ioasAlloc.outIoasId],
    ],
  ],
  [
    abi.IOMMU_IOAS_ALLOW_IOVAS,
    [
      ['ioas_id:u32', abi.allowIovas.ioasId],
      ['num_iovas:u32', abi.allowIovas.numIovas],
      ['__reserved:u32', abi.allowIovas.reserved],
      ['allowed_iovas:u64', abi.allowIovas.allowedIovas],
    ],
  ],
  [
    abi.IOMMU_IOAS_COPY,
    [
      ['flags:u32', abi.ioasCopy.flags, MAP_FLAGS],
      ['dst_ioas_id:u32', abi.ioasCopy.dstIoasId],
      ['src_ioas_id:u32', abi.ioasCopy.srcIoasId],
      ['length:u64', abi.ioasCopy.length],
      ['=dst_iova:u64', abi.ioasCopy.dstIova],
      ['src_iova:u64', abi.ioasCopy.srcIova],
    ],
  ],
  [
    abi.IOMMU_IOAS_IOVA_RANGES,
    [
      ['ioas_id:u32', abi.iovaRanges.ioasId],
      ['=num_iovas:u32', abi.iovaRanges.numIovas],
      ['__reserved:u32', abi.iovaRanges.reserved],
      ['allowed_iovas:u64', abi.iovaRanges.allowedIovas],
      ['<out_iova_alignment:u64', abi.iovaRanges.outIovaAlignment],
    ],
  ],
  [
    abi.IOMMU_IOAS_MAP,
    [
      ['flags:u32', abi.ioasMap.flags, MAP_FLAGS],
      ['ioas_id:u32', abi.ioasMap.ioasId],
      ['__reserved:u32', abi.ioasMap.reserved],
      ['user_va:u64', abi.ioasMap.userVa],
      ['length:u64', abi.ioasMap.length],
      ['=iova:u64', abi.ioasMap.iova],
    ],
  ],
  [
    abi.IOMMU_IOAS_UNMAP,
    [
      ['ioas_id:u32', abi.ioasUnmap.ioasId],
      ['iova:u64', abi.ioasUnmap.iova],
      ['=length:u64', abi.ioasUnmap.length],
    ],
  ],
  [
    abi.IOMMU_OPTION,
    [
      ['option_id:u32', abi.option.optionId, OPTIONS],
      ['op:u16', abi.option.op, OPTION_OPS],
      ['__reserved:u16', abi.option.reserved],
      ['object_id:u32', abi.option.objectId],
      ['=val64:u64', abi.option.val64],
    ],
  ],
  [
    abi.IOMMU_VFIO_IOAS,
    [
      ['=ioas_id:u32', abi.vfioIoas.ioasId],
      ['op:u16', abi.vfioIoas.op, VFIO_OPS],
      ['__reserved:u16', abi.vfioIoas.reserved],
    ],
  ],
  [
    abi.IOMMU_HWPT_ALLOC,
    [
      ['flags:u32', abi.hwptAlloc.flags],
      ['dev_id:u32', abi.hwptAlloc.devId],
      ['pt_id:u32', abi.hwptAlloc.ptId],
      ['<out_hwpt_id:u32', abi.hwptAlloc.outHwptId],
      ['data_type:u32', abi.hwptAlloc.dataType],
      ['data_len:u32', abi.hwptAlloc.dataLen],
    ],
  ],
  [
    abi.IOMMU_GET_HW_INFO,
    [
      ['flags:u32', abi.hwInfo.flags],
      ['dev_id:u32', abi.hwInfo.devId],
      ['=data_len:u32', abi.hwInfo.dataLen],
      ['<out_data_type:u32', abi.hwInfo.outDataType],
      ['<out_capabilities:u64', abi.hwInfo.outCapabilities],
    ],
  ],
  [
    abi.IOMMU_HWPT_SET_DIRTY_TRACKING,
    [
      ['flags:u32', abi.setDirtyTracking.flags],
      ['hwpt_id:u32', abi.setDirtyTracking.hwptId],
    ],
  ],
  [
    abi.IOMMU_HWPT_GET_DIRTY_BITMAP,
    [
      ['hwpt_id:u32', abi.getDirtyBitmap.hwptId],
      ['flags:u32', abi.getDirtyBitmap.flags],
      ['__reserved:u32', abi.getDirtyBitmap.reserved],
      ['iova:u64', abi.getDirtyBitmap.iova],
      ['length:u64', abi.getDirtyBitmap.length],
      ['page_size:u64', abi.getDirtyBitmap.pageSize],
    ],
  ],
  [
    abi.IOMMU_HWPT_INVALIDATE,
    [
      ['hwpt_id:u32', abi.hwptInvalidate.hwptId],
      ['data_uptr:u64', abi.hwptInvalidate.dataUptr],
      ['data_type:u32', abi.hwptInvalidate.dataType],
      ['entry_len:u32', abi.hwptInvalidate.entryLen],
      ['=entry_num:u32', abi.hwptInvalidate.entryNum],
      ['__reserved:u32', abi.hwptInvalidate.reserved],
    ],
  ],
  [
    abi.IOMMU_FAULT_QUEUE_ALLOC,
    [
      ['flags:u32', abi.faultQueueAlloc.flags],
      ['<out_fault_id:u32', abi.faultQueueAlloc.outFaultId],
      ['<out_fault_fd:u32', abi.faultQueueAlloc.outFaultFd],
    ],
  ],
  [
    vfio.VFIO_IOMMU_GET_INFO,
    [
      ['=argsz:u32', vfio.type1Info.argsz],
      ['<flags:u32', vfio.type1Info.flags],
      ['<iova_pgsizes:u64', vfio.type1Info.iovaPgsizes],
      ['<cap_offset:u32', vfio.type1Info.capOffset],
    ],
  ],
  [
    vfio.VFIO_IOMMU_MAP_DMA,
    [
      ['argsz:u32', vfio.dmaMap.argsz],
      ['flags:u32', vfio.dmaMap.flags, DMA_FLAGS],
      ['vaddr:u64', vfio.dmaMap.vaddr],
      ['iova:u64', vfio.dmaMap.iova],
      ['size:u64', vfio.dmaMap.length],
    ],
  ],
  [
    vfio.VFIO_IOMMU_UNMAP_DMA,
    [
      ['argsz:u32', vfio.dmaUnmap.argsz],
      ['flags:u32', vfio.dmaUnmap.flags, UNMAP_FLAGS],
      ['iova:u64', vfio.dmaUnmap.iova],
      ['=size:u64', vfio.dmaUnmap.length],
    ],
  ],
]);

const VFIO_ARGUMENTS: ReadonlyMap<number, string> = new Map([
  [vfio.VFIO_CHECK_EXTENSION, 'extension'],
  [vfio.VFIO_SET_IOMMU, 'type'],
]);

/** The ioctls that one kernel's iommufd knows, by ioctl word. */
export function iommufdTrace(profile: IommufdAbi): ReadonlyMap<number, DescribedIoctl> {
  const own = iommufdRows(profile).map(({ name, number, minSize }): DescribedIoctl => traced(name, number, minSize));
  const compatible = VFIO_IOCTLS.map(({ name, number, size }): DescribedIoctl => {
    const argument = VFIO_ARGUMENTS.get(number);
    return { ...traced(name, number, size), ...(argument !== undefined && { argument }) };
  });
  return new Map([...own, ...(profile.ioas ? compatible : [])].map((row) => [row.number, row]));
}

function traced(name: string, number: number, bytes: number): DescribedIoctl {
  return { name, number, bytes, members: (MEMBERS.get(number) ?? []).map(member) };
}

function member([spec, offset, words]: Row): DescribedMember {
  const [, sign, name = '', type] = /^([<=]?)(\w+):(u16|u32|u64)$/.exec(spec) ?? [];
  const way = sign === '<' ? 'out' : sign === '=' ? 'inout' : 'in';
  return { name, offset, type: type as DescribedMember['type'], way, ...(words && { words }) };
}
