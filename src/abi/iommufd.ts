/**
 * The iommufd uAPI of Linux 6.12: include/uapi/linux/iommufd.h. Numbers and layouts only. Every ioctl is `_IO(';', 0x80
 * + n)` and its structure begins with its own size; all structures are little-endian with natural alignment.
 */
import { io } from './ioctl-number.ts';

/** IOMMUFD_TYPE of the header: `;`. */
export const IOMMUFD_TYPE = 0x3b;
/** IOMMUFD_CMD_BASE. */
export const IOMMUFD_CMD_BASE = 0x80;

const number = (n: number) => io(IOMMUFD_TYPE, IOMMUFD_CMD_BASE + n);

export const IOMMU_DESTROY = number(0);
export const IOMMU_IOAS_ALLOC = number(1);
export const IOMMU_IOAS_ALLOW_IOVAS = number(2);
export const IOMMU_IOAS_COPY = number(3);
export const IOMMU_IOAS_IOVA_RANGES = number(4);
export const IOMMU_IOAS_MAP = number(5);
export const IOMMU_IOAS_UNMAP = number(6);
export const IOMMU_OPTION = number(7);
export const IOMMU_VFIO_IOAS = number(8);
export const IOMMU_HWPT_ALLOC = number(9);
export const IOMMU_GET_HW_INFO = number(10);
export const IOMMU_HWPT_SET_DIRTY_TRACKING = number(11);
export const IOMMU_HWPT_GET_DIRTY_BITMAP = number(12);
export const IOMMU_HWPT_INVALIDATE = number(13);
export const IOMMU_FAULT_QUEUE_ALLOC = number(14);

export const destroy = { size: 0, id: 4, bytes: 8 } as const;
export const ioasAlloc = { size: 0, flags: 4, outIoasId: 8, bytes: 12 } as const;
export const allowIovas = { size: 0, ioasId: 4, numIovas: 8, reserved: 12, allowedIovas: 16, bytes: 24 } as const;
/** struct iommu_iova_range: an inclusive range. */
export const iovaRange = { start: 0, last: 8, bytes: 16 } as const;
export const ioasCopy = {
  size: 0,
  flags: 4,
  dstIoasId: 8,
  srcIoasId: 12,
  length: 16,
  dstIova: 24,
  srcIova: 32,
  bytes: 40,
} as const;
export const iovaRanges = {
  size: 0,
  ioasId: 4,
  numIovas: 8,
  reserved: 12,
  allowedIovas: 16,
  outIovaAlignment: 24,
  bytes: 32,
} as const;
export const ioasMap = {
  size: 0,
  flags: 4,
  ioasId: 8,
  reserved: 12,
  userVa: 16,
  length: 24,
  iova: 32,
  bytes: 40,
} as const;
export const ioasUnmap = { size: 0, ioasId: 4, iova: 8, length: 16, bytes: 24 } as const;
export const option = { size: 0, optionId: 4, op: 8, reserved: 10, objectId: 12, val64: 16, bytes: 24 } as const;
export const vfioIoas = { size: 0, ioasId: 4, op: 8, reserved: 10, bytes: 12 } as const;
export const hwptAlloc = {
  size: 0,
  flags: 4,
  devId: 8,
  ptId: 12,
  outHwptId: 16,
  reserved: 20,
  dataType: 24,
  dataLen: 28,
  dataUptr: 32,
  faultId: 40,
  bytes: 48,
  minBytes: 24,
} as const;
export const hwInfo = {
  size: 0,
  flags: 4,
  devId: 8,
  dataLen: 12,
  dataUptr: 16,
  outDataType: 24,
  reserved: 29,
  outCapabilities: 32,
  bytes: 40,
  minBytes: 32,
} as const;
export const setDirtyTracking = { size: 0, flags: 4, hwptId: 8, bytes: 16 } as const;
export const getDirtyBitmap = {
  size: 0,
  hwptId: 4,
  flags: 8,
  reserved: 12,
  iova: 16,
  length: 24,
  pageSize: 32,
  data: 40,
  bytes: 48,
} as const;
export const hwptInvalidate = {
  size: 0,
  hwptId: 4,
  dataUptr: 8,
  dataType: 16,
  entryLen: 20,
  entryNum: 24,
  reserved: 28,
  bytes: 32,
} as const;
export const faultQueueAlloc = { size: 0, flags: 4, outFaultId: 8, outFaultFd: 12, bytes: 16 } as const;

/** enum iommufd_ioas_map_flags, of MAP and COPY. */
export const MAP_FLAG = {
  IOMMU_IOAS_MAP_FIXED_IOVA: 1,
  IOMMU_IOAS_MAP_WRITEABLE: 2,
  IOMMU_IOAS_MAP_READABLE: 4,
} as const;
/** enum iommufd_option and iommufd_option_ops. */
export const OPTION = { IOMMU_OPTION_RLIMIT_MODE: 0, IOMMU_OPTION_HUGE_PAGES: 1 } as const;
export const OPTION_OP = { IOMMU_OPTION_OP_SET: 0, IOMMU_OPTION_OP_GET: 1 } as const;
/** enum iommufd_vfio_ioas_op. */
export const VFIO_IOAS_OP = { IOMMU_VFIO_IOAS_GET: 0, IOMMU_VFIO_IOAS_SET: 1, IOMMU_VFIO_IOAS_CLEAR: 2 } as const;
