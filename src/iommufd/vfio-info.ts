/**
 * VFIO_IOMMU_GET_INFO: iommufd_vfio_iommu_get_info() of drivers/iommu/iommufd/vfio_compat.c. Behind the structure a
 * chain of two capabilities, each written when argsz has room for it, named by cap_offset when it has for both.
 */
import {
  capDmaAvail,
  capHeader,
  capIovaRange,
  type1Info,
  VFIO_IOMMU_INFO_CAPS,
  VFIO_IOMMU_INFO_PGSIZES,
} from '../abi/iommufd-vfio.ts';
import { type Call, FRAME } from '../kernel/call.ts';
import type { IommufdContext } from './context.ts';
import { setU32, setU64, u32 } from './fields.ts';
import { PAGE_SIZE, U64_MAX } from './u64.ts';
import { writeArgument } from './vfio-argument.ts';
import { vfioIoasOf } from './vfio-ioas.ts';

/** Offsets in the caller's buffer. The dma_avail capability is padded to 8 bytes, the other holds one range. */
const DMA_AVAIL = type1Info.bytes;
const IOVA_RANGE = DMA_AVAIL + 16;
const END = IOVA_RANGE + capIovaRange.ranges + capIovaRange.rangeBytes;

/** Throws EFAULT, ENODEV. */
export function vfioGetInfo(context: IommufdContext, call: Call): number {
  const argsz = u32(call, type1Info.argsz);
  vfioIoasOf(context);
  call.bytes.fill(0, FRAME.in, FRAME.in + END);
  queueCapabilities(call, argsz);
  setU32(call, type1Info.argsz, END);
  setU32(call, type1Info.flags, VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS);
  setU64(call, type1Info.iovaPgsizes, U64_MAX - (PAGE_SIZE - 1n));
  setU32(call, type1Info.capOffset, argsz >= END ? DMA_AVAIL : 0);
  setU32(call, type1Info.capOffset + 4, 0);
  writeArgument(call, Math.min(argsz, type1Info.bytes));
  return 0;
}

/** Each body, ranges before header, then the first's link to the second: a fault stops where the kernel's would. */
function queueCapabilities(call: Call, argsz: number): void {
  const put = (offset: number, length: number) => call.copyToUser(FRAME.arg, offset, FRAME.in + offset, length);
  const header = (offset: number, id: number) => {
    call.view.setUint16(FRAME.in + offset + capHeader.id, id, true);
    call.view.setUint16(FRAME.in + offset + capHeader.version, 1, true);
  };
  header(DMA_AVAIL, capDmaAvail.id);
  call.view.setUint32(FRAME.in + DMA_AVAIL + capDmaAvail.avail, 0xffffffff, true);
  header(IOVA_RANGE, capIovaRange.id);
  call.view.setUint32(FRAME.in + IOVA_RANGE + capIovaRange.nrIovas, 1, true);
  call.view.setBigUint64(FRAME.in + IOVA_RANGE + capIovaRange.ranges + 8, U64_MAX, true);
  if (argsz >= DMA_AVAIL + capDmaAvail.bytes) put(DMA_AVAIL, capDmaAvail.bytes);
  if (argsz >= END) {
    put(IOVA_RANGE + capIovaRange.ranges, capIovaRange.rangeBytes);
    put(IOVA_RANGE, capIovaRange.ranges);
  }
  if (argsz >= IOVA_RANGE) {
    call.view.setUint32(FRAME.ucmd + SCRATCH, IOVA_RANGE, true);
    call.copyToUser(FRAME.arg, DMA_AVAIL + capHeader.next, FRAME.ucmd + SCRATCH, 4);
  }
}

/** Behind the structure at FRAME.ucmd. */
const SCRATCH = 0x100;
