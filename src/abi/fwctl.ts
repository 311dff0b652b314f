/** The fwctl uAPI (include/uapi/fwctl/fwctl.h): numbers, byte offsets of little-endian, naturally aligned structs. */
import { io } from './ioctl-number.ts';

/** FWCTL_TYPE of the header. */
export const FWCTL_TYPE = 0x9a;

export const FWCTL_INFO = io(FWCTL_TYPE, 0);
export const FWCTL_RPC = io(FWCTL_TYPE, 1);

/** struct fwctl_info: 24 bytes. */
export const fwctlInfo = {
  size: 0,
  flags: 4,
  outDeviceType: 8,
  deviceDataLen: 12,
  outDeviceData: 16,
  bytes: 24,
} as const;

/** struct fwctl_rpc: 32 bytes. */
export const fwctlRpc = { size: 0, scope: 4, inLen: 8, outLen: 12, in: 16, out: 24, bytes: 32 } as const;

/** enum fwctl_rpc_scope. */
export const SCOPE = {
  FWCTL_RPC_CONFIGURATION: 0,
  FWCTL_RPC_DEBUG_READ_ONLY: 1,
  FWCTL_RPC_DEBUG_WRITE: 2,
  FWCTL_RPC_DEBUG_WRITE_FULL: 3,
} as const;

/** enum fwctl_device_type. */
export const DEVICE_TYPE = { FWCTL_DEVICE_TYPE_ERROR: 0, MLX5: 1, CXL: 2, BNXT: 3, PDS: 4 } as const;

/** MAX_RPC_LEN of drivers/fwctl/main.c, bytes. */
export const MAX_RPC_LEN = 2 * 1024 * 1024;
