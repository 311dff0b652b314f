/**
 * The messages of vfio-user as they are on the wire (libvfio-user docs/vfio-user.rst; structures: linux/vfio.h), each
 * with the least bytes of its request. Little-endian. What a message does is device.ts.
 * Data table.
 */

/** Before each message: id, command, whole size, flags, errno of a reply. */
export const HEADER = { id: 0, command: 2, size: 4, flags: 8, error: 12, bytes: 16 } as const;
export const FLAG = { reply: 0x1, noReply: 0x10, error: 0x20, typeMask: 0xf } as const;

export const COMMAND = {
  VERSION: 1,
  DMA_MAP: 2,
  DMA_UNMAP: 3,
  DEVICE_GET_INFO: 4,
  DEVICE_GET_REGION_INFO: 5,
  DEVICE_GET_REGION_IO_FDS: 6,
  DEVICE_GET_IRQ_INFO: 7,
  DEVICE_SET_IRQS: 8,
  REGION_READ: 9,
  REGION_WRITE: 10,
  DEVICE_RESET: 13,
  REGION_WRITE_MULTI: 15,
} as const;

export type CommandName = keyof typeof COMMAND;

/** Least bytes behind the header, and whether descriptors may come with it. */
export const MESSAGES: Readonly<Record<CommandName, { readonly bytes: number; readonly fds: boolean }>> = {
  VERSION: { bytes: 4, fds: false },
  DMA_MAP: { bytes: 32, fds: true },
  DMA_UNMAP: { bytes: 24, fds: false },
  DEVICE_GET_INFO: { bytes: 16, fds: false },
  DEVICE_GET_REGION_INFO: { bytes: 32, fds: false },
  DEVICE_GET_REGION_IO_FDS: { bytes: 16, fds: false },
  DEVICE_GET_IRQ_INFO: { bytes: 16, fds: false },
  DEVICE_SET_IRQS: { bytes: 20, fds: true },
  REGION_READ: { bytes: 16, fds: false },
  REGION_WRITE: { bytes: 16, fds: false },
  DEVICE_RESET: { bytes: 0, fds: false },
  REGION_WRITE_MULTI: { bytes: 8, fds: false },
};

export const nameOf: ReadonlyMap<number, CommandName> = new Map(
  Object.entries(COMMAND).map(([name, number]) => [number, name as CommandName]),
);

export const VERSION = { major: 0, minor: 2, data: 4 } as const;
/** argsz, flags, file offset, address, size. */
export const DMA_MAP = { flags: 4, offset: 8, address: 16, size: 24 } as const;
export const DMA_MAP_FLAG = { read: 1, write: 2 } as const;
/** argsz, flags, address, size. */
export const DMA_UNMAP = { flags: 4, address: 8, size: 16 } as const;
export const DMA_UNMAP_ALL = 2;
/** argsz, flags, regions, interrupts; flags: can be reset, is PCI. */
export const DEVICE_INFO = { argsz: 0, flags: 4, regions: 8, irqs: 12, bytes: 16 } as const;
export const DEVICE_FLAGS = 0x3;
/** argsz, flags, index, where capabilities are, size, offset of the file; flags: may be read, written. */
export const REGION_INFO = { argsz: 0, flags: 4, index: 8, size: 16, bytes: 32 } as const;
export const REGION_FLAGS = 0x3;
export const REGION = { bar0: 0, config: 7, count: 9 } as const;
/** argsz, flags, index, count; flags: by eventfd, all at once; of INTx by eventfd, to be masked. */
export const IRQ_INFO = { argsz: 0, flags: 4, index: 8, count: 12, bytes: 16 } as const;
export const IRQ_FLAGS = 0x9;
export const INTX_FLAGS = 0x7;
export const IRQ = { intx: 0, msix: 2, count: 5 } as const;
/** argsz, flags, index, first, count, then a byte each of the kind `bool`. */
export const SET_IRQS = { flags: 4, index: 8, start: 12, count: 16, data: 20 } as const;
export const SET_IRQS_FLAG = { none: 1, bool: 2, eventfd: 4, mask: 8, unmask: 0x10, trigger: 0x20 } as const;
/** offset, region, count, data. */
export const ACCESS = { offset: 0, region: 8, count: 12, data: 16 } as const;
/** How many; then each as ACCESS, with 8 bytes of data. */
export const WRITE_MULTI = { count: 0, first: 8, each: 24 } as const;

/** What the server offers in VERSION. */
export const CAPABILITIES = {
  max_msg_fds: 16,
  max_data_xfer_size: 1024 * 1024,
  pgsizes: 4096,
  max_dma_maps: 256,
} as const;
/** The longest message: a write of the largest transfer. */
export const MAX_MESSAGE = HEADER.bytes + ACCESS.data + CAPABILITIES.max_data_xfer_size;
