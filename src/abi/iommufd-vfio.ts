/** The part of the VFIO type1 uAPI that iommufd answers on its own descriptor: include/uapi/linux/vfio.h. */
import { io } from './ioctl-number.ts';

/** VFIO_TYPE and VFIO_BASE. */
const number = (n: number) => io(0x3b, 0x64 + n);

export const VFIO_GET_API_VERSION = number(0);
export const VFIO_CHECK_EXTENSION = number(1);
export const VFIO_SET_IOMMU = number(2);
export const VFIO_IOMMU_GET_INFO = number(12);
export const VFIO_IOMMU_MAP_DMA = number(13);
export const VFIO_IOMMU_UNMAP_DMA = number(14);

export const VFIO_API_VERSION = 0;

/** Arguments of VFIO_CHECK_EXTENSION and VFIO_SET_IOMMU. */
export const VFIO_EXTENSION = {
  VFIO_TYPE1_IOMMU: 1,
  VFIO_TYPE1v2_IOMMU: 3,
  VFIO_DMA_CC_IOMMU: 4,
  VFIO_UNMAP_ALL: 9,
} as const;

/** struct vfio_iommu_type1_info; `minBytes` up to iova_pgsizes. */
export const type1Info = { argsz: 0, flags: 4, iovaPgsizes: 8, capOffset: 16, bytes: 24, minBytes: 16 } as const;
export const VFIO_IOMMU_INFO_PGSIZES = 1;
export const VFIO_IOMMU_INFO_CAPS = 2;

/** struct vfio_info_cap_header: u16 id, u16 version, u32 next. */
export const capHeader = { id: 0, version: 2, next: 4, bytes: 8 } as const;
/** struct vfio_iommu_type1_info_cap_iova_range, id 1: the header, u32 nr_iovas, u32 reserved, ranges of two u64. */
export const capIovaRange = { id: 1, nrIovas: 8, ranges: 16, rangeBytes: 16 } as const;
/** struct vfio_iommu_type1_info_dma_avail, id 3: the header, u32 avail; padded to 8 bytes in a chain. */
export const capDmaAvail = { id: 3, avail: 8, bytes: 12 } as const;

/** struct vfio_iommu_type1_dma_map. */
export const dmaMap = { argsz: 0, flags: 4, vaddr: 8, iova: 16, length: 24, bytes: 32 } as const;
export const VFIO_DMA_MAP_FLAG_READ = 1;
export const VFIO_DMA_MAP_FLAG_WRITE = 2;
/** struct vfio_iommu_type1_dma_unmap. */
export const dmaUnmap = { argsz: 0, flags: 4, iova: 8, length: 16, bytes: 24 } as const;
export const VFIO_DMA_UNMAP_FLAG_ALL = 2;
