/**
 * Requests that carry addresses of buffers, which the device reads or fills: the structures of
 * include/linux/bnxt/hsi.h, as the table of drivers/fwctl/bnxt/main.c (Linux 7.3) goes through them. Each field
 * measured there: sizes, units, the order of two buffers.
 */
import type { MessageBuffer } from '../message-buffer.ts';

interface BufferLength {
  /** Offset in the request of the field that says it. */
  readonly at: number;
  readonly bits: 16 | 32;
  /** Bytes that one of the field's units has. */
  readonly unit: number;
}

export interface HwrmBufferField {
  /** The device reads it; otherwise the device fills it. */
  readonly toDevice: boolean;
  /** Offset in the request of the address, a u64. */
  readonly address: number;
  /** A number: always so many bytes. */
  readonly length: number | BufferLength;
}

export interface BufferRequest {
  readonly name: string;
  /** Exactly so long is the request. */
  readonly requestBytes: number;
  /** In the order in which they are read and written. */
  readonly buffers: readonly HwrmBufferField[];
}

const to = (address: number, length: HwrmBufferField['length']): HwrmBufferField => ({
  toDevice: true,
  address,
  length,
});
const from = (address: number, length: HwrmBufferField['length']): HwrmBufferField => ({
  toDevice: false,
  address,
  length,
});
const u16 = (at: number, unit = 1): BufferLength => ({ at, bits: 16, unit });
const u32 = (at: number, unit = 1): BufferLength => ({ at, bits: 32, unit });

/** By req_type. */
export const BUFFER_REQUESTS: ReadonlyMap<number, BufferRequest> = new Map<number, BufferRequest>([
  [0x23, { name: 'PORT_QSTATS', requestBytes: 40, buffers: [from(24, 408), from(32, 528)] }],
  [0x3c, { name: 'QUEUE_DSCP2PRI_QCFG', requestBytes: 32, buffers: [from(16, u16(26))] }],
  [0x67, { name: 'PORT_EVENTS_LOG', requestBytes: 32, buffers: [from(16, u32(24))] }],
  [0x73, { name: 'SCH_GRP_CFG', requestBytes: 88, buffers: [to(24, u16(18, 2))] }],
  [0x74, { name: 'SCH_GRP_QCFG', requestBytes: 32, buffers: [from(24, u16(18))] }],
  [0xb4, { name: 'PORT_QSTATS_EXT', requestBytes: 40, buffers: [from(24, u16(18)), from(32, u16(20))] }],
  [0xba, { name: 'PORT_QSTATS_EXT_PFC_ADV', requestBytes: 40, buffers: [from(24, u16(18)), from(32, u16(18))] }],
  [0xbf, { name: 'FW_LIVEPATCH', requestBytes: 32, buffers: [to(24, u32(20))] }],
  [0xca, { name: 'FW_SET_STRUCTURED_DATA', requestBytes: 32, buffers: [to(16, u16(24))] }],
  [0xcb, { name: 'FW_GET_STRUCTURED_DATA', requestBytes: 32, buffers: [from(16, u16(24))] }],
  [0xd5, { name: 'PORT_PRBS_TEST', requestBytes: 48, buffers: [from(16, u16(24))] }],
  [0xd9, { name: 'PORT_DSC_DUMP', requestBytes: 40, buffers: [from(16, u16(24))] }],
  [0xe6, { name: 'STAT_QUERY_ROCE_STATS', requestBytes: 32, buffers: [from(24, u16(16))] }],
  [0xe7, { name: 'STAT_QUERY_ROCE_STATS_EXT', requestBytes: 32, buffers: [from(24, u16(16))] }],
  [0x203, { name: 'SELFTEST_RETRIEVE_SERDES_DATA', requestBytes: 40, buffers: [from(16, u16(28))] }],
  [0x204, { name: 'PCIE_QSTATS', requestBytes: 32, buffers: [from(24, u16(16))] }],
  [0x218, { name: 'STAT_GENERIC_QSTATS', requestBytes: 32, buffers: [from(24, u16(16))] }],
  [0xff0e, { name: 'DBG_SERDES_TEST', requestBytes: 40, buffers: [from(16, u16(28))] }],
  [0xff10, { name: 'DBG_READ_DIRECT', requestBytes: 32, buffers: [from(16, u32(28, 4))] }],
  [0xff11, { name: 'DBG_READ_INDIRECT', requestBytes: 80, buffers: [from(16, u32(24))] }],
  [0xff17, { name: 'DBG_COREDUMP_LIST', requestBytes: 32, buffers: [from(16, u32(24))] }],
  [0xff19, { name: 'DBG_COREDUMP_RETRIEVE', requestBytes: 56, buffers: [from(16, u32(24))] }],
  [0xff2d, { name: 'DBG_PTRACE', requestBytes: 40, buffers: [to(16, u32(32)), from(24, u32(32))] }],
  [0xff30, { name: 'DBG_TOKEN_CFG', requestBytes: 32, buffers: [to(24, u32(20))] }],
  [0xfff1, { name: 'NVM_GET_VARIABLE', requestBytes: 40, buffers: [from(16, u16(24))] }],
  [0xfff2, { name: 'NVM_SET_VARIABLE', requestBytes: 40, buffers: [to(16, u16(24))] }],
  [0xfff4, { name: 'NVM_MODIFY', requestBytes: 40, buffers: [to(16, u32(32))] }],
  [0xfffa, { name: 'NVM_GET_DIR_ENTRIES', requestBytes: 24, buffers: [from(16, 65536)] }],
  [0xfffc, { name: 'NVM_RAW_DUMP', requestBytes: 40, buffers: [from(16, u32(28))] }],
  [0xfffd, { name: 'NVM_READ', requestBytes: 40, buffers: [from(16, u32(32))] }],
  [0xfffe, { name: 'NVM_WRITE', requestBytes: 56, buffers: [to(16, u32(32))] }],
  [0xffff, { name: 'NVM_RAW_WRITE_BLK', requestBytes: 40, buffers: [to(16, u32(28))] }],
]);

/** As its request says; above MAX_BUFFER_BYTES as well. The request must be as long as its row says. */
export function bufferBytes({ view }: MessageBuffer, { length }: HwrmBufferField): number {
  if (typeof length === 'number') return length;
  const { at, bits, unit } = length;
  return (bits === 16 ? view.getUint16(at, true) : view.getUint32(at, true)) * unit;
}
