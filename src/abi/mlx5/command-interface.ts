/**
 * How a driver hands commands to a function: initialisation segment (mlx5_ifc.h: initial_seg), command queue entries
 * (mlx5_core device.h: struct mlx5_cmd_layout) and mailboxes (cmd.c: struct mlx5_cmd_prot_block). Big-endian.
 * Data table.
 */

/** Offsets in BAR 0. */
export const INIT_SEGMENT = {
  fwRev: 0x0,
  cmdifRev: 0x4,
  commandQueueHigh: 0x10,
  /** Read: log_cmdq_size, log_cmdq_stride, NIC state; written: the queue's low address bits and the NIC state. */
  commandQueueLow: 0x14,
  commandDoorbell: 0x18,
  /** Bit 31: still initialising; bit 30: a reset by NIC state 7 is supported. */
  initializing: 0x1fc,
  health: 0x200,
  healthEnd: 0x240,
  /** Milliseconds that a driver waits for FW; non-zero: it asks DTOR. */
  initTimeout: 0xff8,
  commandTimeout: 0xffc,
  timerHigh: 0x1000,
  timerLow: 0x1004,
  healthCounter: 0x1010,
  realTimeHigh: 0x1040,
  realTimeLow: 0x1044,
  end: 0x2000,
} as const;

/** NIC state, bits 10:8 of commandQueueLow (MLX5_INITIAL_SEG_NIC_INTERFACE_*). */
export const NIC_STATE = { full: 0, disabled: 1, noDram: 2, swReset: 7 } as const;

/** cmdif_rev of this interface, 16 bits; entries of the queue and bytes of one, as logarithms. */
export const CMDIF_REV = 5;
export const LOG_ENTRIES = 5;
export const LOG_STRIDE = 6;

export const ENTRY = {
  type: 0,
  inLength: 4,
  inPointer: 8,
  in: 16,
  out: 32,
  outPointer: 48,
  outLength: 56,
  token: 60,
  signature: 61,
  /** Bit 0: the function's; bits 7:1: how the delivery went. */
  statusOwn: 63,
  bytes: 64,
  /** Of a request and of a reply, in the entry itself. */
  inlineBytes: 16,
  /** MLX5_PCI_CMD_XPORT. */
  pciTransport: 7,
} as const;

export const MAILBOX = {
  data: 0,
  dataBytes: 512,
  reserved: 512,
  next: 560,
  number: 568,
  token: 573,
  controlSignature: 574,
  signature: 575,
  bytes: 576,
  /** A mailbox stands at a multiple of it. */
  align: 1024,
} as const;

/** enum MLX5_CMD_DELIVERY_STAT_*. */
export const DELIVERY = {
  ok: 0x0,
  signature: 0x1,
  token: 0x2,
  blockNumber: 0x3,
  outPointer: 0x4,
  inPointer: 0x5,
  firmware: 0x6,
  inLength: 0x7,
  outLength: 0x8,
  reserved: 0x9,
  descriptor: 0x10,
} as const;

/** Offsets in the health buffer (mlx5_core device.h: struct health_buffer). */
export const HEALTH = {
  fwVersion: 0x30,
  hwId: 0x34,
  /** Bit 7: the function wants a reset (rfr); bits 3:0: how severe, as syslog counts. */
  rfrSeverity: 0x38,
  syndrome: 0x3d,
  extendedSyndrome: 0x3e,
} as const;
