/**
 * HWRM, by which a NetXtreme's drivers speak to its firmware: struct input, output, hwrm_err_output, HWRM_MAX_REQ_LEN
 * and the HWRM_ERR_CODE_* of include/linux/bnxt/hsi.h. All of it little-endian; offsets and lengths in bytes.
 */

/** struct input, the head of each request. */
export const requestHeader = { reqType: 0, cmplRing: 2, seqId: 4, targetId: 6, respAddr: 8, bytes: 16 } as const;

/** struct output, the head of each response; a refusal is struct hwrm_err_output, of `refusal` bytes. */
export const responseHeader = {
  errorCode: 0,
  reqType: 2,
  seqId: 4,
  respLen: 6,
  bytes: 8,
  cmdErr: 14,
  valid: 15,
  refusal: 16,
} as const;

export const HWRM_MAX_REQ_LEN = 128;

/** The longest buffer of a request: drivers/fwctl/bnxt/main.c. */
export const MAX_BUFFER_BYTES = 65536;

export const ERROR_CODE = {
  SUCCESS: 0x0,
  FAIL: 0x1,
  INVALID_PARAMS: 0x2,
  RESOURCE_ACCESS_DENIED: 0x3,
  RESOURCE_ALLOC_ERROR: 0x4,
  INVALID_FLAGS: 0x5,
  INVALID_ENABLES: 0x6,
  UNSUPPORTED_TLV: 0x7,
  NO_BUFFER: 0x8,
  UNSUPPORTED_OPTION_ERR: 0x9,
  HOT_RESET_PROGRESS: 0xa,
  HOT_RESET_FAIL: 0xb,
  NO_FLOW_COUNTER_DURING_ALLOC: 0xc,
  KEY_HASH_COLLISION: 0xd,
  KEY_ALREADY_EXISTS: 0xe,
  HWRM_ERROR: 0xf,
  BUSY: 0x10,
  RESOURCE_LOCKED: 0x11,
  PF_UNAVAILABLE: 0x12,
  ENTITY_NOT_PRESENT: 0x13,
  SECURE_SOC_ERROR: 0x14,
  TLV_ENCAPSULATED_RESPONSE: 0x8000,
  UNKNOWN_ERR: 0xfffe,
  CMD_NOT_SUPPORTED: 0xffff,
} as const;

/**
 * The driver's own error code, the low 16 bits of a negative errno, for what could not be delivered. Those of EPERM and
 * ENOENT are codes of the firmware's.
 */
export function isUndelivered(code: number): boolean {
  return code > 0x10000 - 4096 && code < ERROR_CODE.UNKNOWN_ERR;
}

/** enum fwctl_bnxt_commands of include/uapi/fwctl/bnxt.h, as bits of struct fwctl_info_bnxt's uctx_caps. */
export const UCTX_CAP = { INLINE_COMMANDS: 1, QUERY_COMMANDS: 2, SEND_COMMANDS: 4, DMA_COMMANDS: 8 } as const;

/** struct fwctl_info_bnxt: u32 uctx_caps. */
export const FWCTL_INFO_BYTES = 4;
