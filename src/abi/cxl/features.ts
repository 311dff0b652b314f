/**
 * The messages of CXL features: include/uapi/cxl/features.h and include/uapi/fwctl/cxl.h (CXL 3.2, 8.2.10.6). Byte
 * offsets, all little-endian, members unaligned. An RPC is a header and the mailbox command's own payload behind it.
 */

/** struct fwctl_rpc_cxl: u32 each; the payload follows. */
export const rpcHeader = { opcode: 0, flags: 4, opSize: 8, reserved: 12, bytes: 16 } as const;

/** struct fwctl_rpc_cxl_out: u32 each. `header`: its sizeof(), as the shortest payload of the union has 8 bytes. */
export const rpcReply = { size: 0, retval: 4, payload: 8, header: 16 } as const;

/** enum feature_cmds of drivers/cxl/cxlmem.h: CXL_MBOX_OP_*. */
export const CXL_COMMANDS = [
  { opcode: 0x500, name: 'GET_SUPPORTED_FEATURES' },
  { opcode: 0x501, name: 'GET_FEATURE' },
  { opcode: 0x502, name: 'SET_FEATURE' },
] as const;

export const CXL_OPCODE = { GET_SUPPORTED_FEATURES: 0x500, GET_FEATURE: 0x501, SET_FEATURE: 0x502 } as const;

/** Payloads of requests, from the payload on. struct cxl_mbox_get_sup_feats_in: u32, u16. */
export const getSupported = { count: 0, startIndex: 4, bytes: 8 } as const;
/** struct cxl_mbox_get_feat_in: 16 bytes, u16, u16, u8. */
export const getFeature = { uuid: 0, offset: 16, count: 18, selection: 20, bytes: 21 } as const;
/** struct cxl_mbox_set_feat_in: 16 bytes, u32, u16, u8; then 9 reserved bytes and the data. */
export const setFeature = { uuid: 0, flags: 16, offset: 20, version: 22, bytes: 32 } as const;

export const UUID_BYTES = 16;

/** struct cxl_mbox_get_sup_feats_out: u16, u16, 4 reserved bytes, entries. */
export const supportedReply = { entries: 0, total: 2, list: 8 } as const;

/** struct cxl_feat_entry: 16 bytes, u16, u16, u16, u32, u8, u8, u16, 18 reserved bytes. */
export const featureEntry = {
  uuid: 0,
  id: 16,
  getSize: 18,
  setSize: 20,
  flags: 22,
  getVersion: 26,
  setVersion: 27,
  effects: 28,
  bytes: 48,
} as const;

/** CXL_FEATURE_F_* of a feature entry's flags; bits 3:1 are the deepest reset that its data survive. */
export const FEATURE_FLAGS = { CHANGEABLE: 0x01, PERSIST_FW_UPDATE: 0x10, DEFAULT_SEL: 0x20, SAVED_SEL: 0x40 } as const;

/** CXL_CMD_* of a feature entry's effects; bits 12 to 15 are reserved. */
export const EFFECTS = {
  CONFIG_CHANGE_COLD_RESET: 0x0001,
  CONFIG_CHANGE_IMMEDIATE: 0x0002,
  DATA_CHANGE_IMMEDIATE: 0x0004,
  POLICY_CHANGE_IMMEDIATE: 0x0008,
  LOG_CHANGE_IMMEDIATE: 0x0010,
  SECURITY_STATE_CHANGE: 0x0020,
  BACKGROUND: 0x0040,
  BGCMD_ABORT_SUPPORTED: 0x0080,
  EFFECTS_VALID: 0x0200,
  CONFIG_CHANGE_CONV_RESET: 0x0400,
  CONFIG_CHANGE_CXL_RESET: 0x0800,
} as const;
export const EFFECTS_RESERVED = 0xf000;

/** Bits 3:1 of a feature entry's flags (CXL 3.2, table 8-117), and which of them is a power cycle. */
export const RESET_PERSISTENCE = { shift: 1, mask: 7, COLD_RESET: 4 } as const;

/** enum cxl_get_feat_selection. */
export const SELECTIONS = ['current', 'default', 'saved'] as const;

/** Bits 2:0 of SET_FEATURE's flags: CXL_SET_FEAT_FLAG_DATA_TRANSFER_MASK. */
export const TRANSFERS = ['full', 'initiate', 'continue', 'finish', 'abort'] as const;
export const TRANSFER = { FULL: 0, INITIATE: 1, CONTINUE: 2, FINISH: 3, ABORT: 4 } as const;
export const TRANSFER_MASK = 7;
/** CXL_SET_FEAT_FLAG_DATA_SAVED_ACROSS_RESET. */
export const SAVED_ACROSS_RESET = 8;

/** enum cxl_features_capability of include/cxl/features.h. */
export const FEATURES_CAPABILITY = { NONE: 0, RO: 1, RW: 2 } as const;
