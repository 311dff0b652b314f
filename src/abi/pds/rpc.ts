/** struct fwctl_rpc_pds of include/uapi/fwctl/pds.h: request and reply alike, little-endian. */

/** Offsets, bytes; u32 unless told. */
export const fwctlRpcPds = {
  op: 0,
  ep: 4,
  inRsvd: 8,
  inLen: 12,
  /** u64, an address. */
  inPayload: 16,
  retval: 24,
  /** Two u32. */
  outRsvd: 28,
  outLen: 36,
  /** u64, an address. */
  outPayload: 40,
  bytes: 48,
} as const;

/** PDS_FWCTL_RPC_OPCODE_GET_CMD() of include/linux/pds/pds_adminq.h: bits 15 to 0. */
export function commandOf(op: number): number {
  return op & 0xffff;
}

/** PDS_FWCTL_RPC_OPCODE_GET_VER(): bits 23 to 16. The others mean nothing. */
export function versionOf(op: number): number {
  return (op >>> 16) & 0xff;
}
