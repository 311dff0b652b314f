/**
 * The refusals of the emulated mlx5 firmware. The statuses are the PRM's; the syndromes are our own, stable numbers (a
 * real firmware's are undocumented and change), all 0x00e0_xxxx: nobody takes one for hardware's. None is reused.
 */
import { STATUS, type StatusName } from './status.ts';

export interface SyndromeRow {
  readonly name: string;
  /** enum MLX5_CMD_STAT_*, 8 bits. */
  readonly status: number;
  readonly syndrome: number;
  /** Why, for people: a clause without a full stop. */
  readonly text: string;
  /** What passes, where that does not hang on the request. */
  readonly remedy?: string;
}

const BASE = 0x00e0_0000;

function row(name: string, number: number, status: StatusName, text: string, remedy?: string): SyndromeRow {
  return { name, status: STATUS[status], syndrome: BASE + number, text, ...(remedy !== undefined && { remedy }) };
}

export const SYNDROME = {
  // Dispatcher.
  UNKNOWN_OPCODE: row(
    'UNKNOWN_OPCODE',
    0x001,
    'BAD_OP',
    'the firmware has no command of this opcode',
    'send a command that is emulated: fwctl-emu scopes --driver mlx5',
  ),
  REQUEST_TOO_SHORT: row(
    'REQUEST_TOO_SHORT',
    0x002,
    'BAD_INP_LEN',
    "the request is shorter than the command's structure",
    "send at least the command's structure",
  ),
  REPLY_TOO_SHORT: row(
    'REPLY_TOO_SHORT',
    0x003,
    'BAD_OUTP_LEN',
    "the reply is shorter than the command's structure",
    "ask for at least the command's structure",
  ),
  // Unverified: what a real firmware answers to a uid that no CREATE_UCTX gave is not public.
  UNKNOWN_UID: row(
    'UNKNOWN_UID',
    0x004,
    'BAD_RES',
    "the request's uid is no open user context",
    'leave the uid to the driver, which puts in that of the open file',
  ),
  OP_MOD: row('OP_MOD', 0x005, 'BAD_PARAM', 'the command does not know this op_mod', 'use an op_mod of the command'),
  HCA_STATE: row(
    'HCA_STATE',
    0x006,
    'BAD_SYS_STATE',
    'the function is in a state in which it does not take this command',
    'keep to the order ENABLE_HCA, INIT_HCA, ..., TEARDOWN_HCA, DISABLE_HCA',
  ),
  // User contexts.
  UCTX_CAPS: row(
    'UCTX_CAPS',
    0x101,
    'BAD_PARAM',
    'capabilities asked for that cmd_hca_cap.uctx_cap lacks',
    'ask for no more than QUERY_HCA_CAP GENERAL gives in uctx_cap',
  ),
  UCTX_LIMIT: row(
    'UCTX_LIMIT',
    0x102,
    'LIM_ERR',
    'no free user context (cmd_hca_cap.log_max_uctx)',
    'close an open file of the device',
  ),
  UCTX_UNKNOWN: row(
    'UCTX_UNKNOWN',
    0x103,
    'BAD_RES',
    'no user context of this uid',
    'name a context that CREATE_UCTX has given',
  ),
  // QUERY_HCA_CAP.
  CAP_TYPE: row(
    'CAP_TYPE',
    0x201,
    'BAD_PARAM',
    'the device has no capabilities of this type',
    "ask for a type of the profile: fwctl-emu get DEVICE 'caps.*'",
  ),
  OTHER_FUNCTION: row(
    'OTHER_FUNCTION',
    0x202,
    'BAD_PARAM',
    'the device has no function of this function_id',
    'ask for a function that the device has: the virtual ones are 1 to its total_vfs',
  ),
  CAP_SET_FIELD: row(
    'CAP_SET_FIELD',
    0x204,
    'BAD_PARAM',
    "a capability is set above the function's maximum",
    'set at most what QUERY_HCA_CAP gives with an even op_mod',
  ),
  CAP_SET_PRIVILEGE: row(
    'CAP_SET_PRIVILEGE',
    0x205,
    'BAD_PARAM',
    'capabilities are set by a user context with TOOLS_RESOURCES',
    'open a device whose uctx_cap has TOOLS_RESOURCES (0x4)',
  ),
  // Objects.
  OBJECT_UNKNOWN: row(
    'OBJECT_UNKNOWN',
    0x401,
    'BAD_RES',
    'there is no object of this number',
    'ask for an object that is there, or give the profile one: docs/profiles.md',
  ),
  NO_NUMBER: row(
    'NO_NUMBER',
    0x402,
    'NO_RES',
    'no number of this kind of object is free (cmd_hca_cap.log_max_*)',
    'destroy an object of the kind',
  ),
  // Bringing up a function.
  ISSI: row('ISSI', 0x601, 'BAD_PARAM', 'the firmware has no such interface step', 'set one that QUERY_ISSI lists'),
  PAGES: row(
    'PAGES',
    0x602,
    'BAD_PARAM',
    'a page is given that is not 4096 bytes at their own place, or has been given before',
    'give each page once',
  ),
  PAGES_MISSING: row(
    'PAGES_MISSING',
    0x605,
    'NO_RES',
    'the function has not been given the pages that it starts with',
    'give as many as QUERY_PAGES asks for, boot and init',
  ),
  TEARDOWN_PROFILE: row(
    'TEARDOWN_PROFILE',
    0x603,
    'BAD_PARAM',
    'no teardown of this profile',
    'use 0 (graceful), 1 (force) or 2 (prepare fast), those that cmd_hca_cap has',
  ),
  EQ_CONTEXT: row(
    'EQ_CONTEXT',
    0x604,
    'BAD_PARAM',
    "an event queue's size, vector or UAR is none that the function has",
    'use a UAR of ALLOC_UAR, a vector of the function, and at most cmd_hca_cap.log_max_eq_sz',
  ),
  // ACCESS_REG. BAD_PARAM for an unsupported register is what mlx5_core's log shows of real devices.
  REGISTER_UNKNOWN: row(
    'REGISTER_UNKNOWN',
    0x301,
    'BAD_PARAM',
    'the firmware has no register of this number',
    'access a register that is emulated; MCAM and PCAM list them',
  ),
  REGISTER_READ_ONLY: row('REGISTER_READ_ONLY', 0x302, 'BAD_PARAM', 'the register cannot be written', 'read it'),
  REGISTER_SELECTOR: row(
    'REGISTER_SELECTOR',
    0x303,
    'BAD_PARAM',
    "the register's selecting field names nothing that exists",
    'select a port, sensor, page or group that the device has',
  ),
  REGISTER_NO_DATA: row(
    'REGISTER_NO_DATA',
    0x304,
    'BAD_INP_LEN',
    'a register write without data',
    'send the register behind the header',
  ),
  REGISTER_VALUE: row(
    'REGISTER_VALUE',
    0x305,
    'BAD_PARAM',
    'the register does not accept this value',
    'read the register for what it takes',
  ),
  MKEY_UNKNOWN: row(
    'MKEY_UNKNOWN',
    0x306,
    'BAD_RES',
    "the dump's memory key is unknown, or names no memory there: a user of fwctl has none",
    'ask for inline data: mkey and size 0',
  ),
  // Unverified: that it is BAD_RES, which mstflint reads as "not there".
  NV_UNKNOWN: row(
    'NV_UNKNOWN',
    0x307,
    'BAD_RES',
    'the device has no such TLV in its configuration',
    'ask for a TLV that MNVQC says is supported',
  ),
  UPDATE_STATE: row(
    'UPDATE_STATE',
    0x308,
    'BAD_PARAM',
    'the firmware update is in another state, or of another handle',
    'take the handle of MCC LOCK_UPDATE_HANDLE, and its steps in their order',
  ),
  MODULE_PAGE: row(
    'MODULE_PAGE',
    0x309,
    'BAD_PARAM',
    'the module has no such page (flat memory has page 0 alone)',
    'write page 0, or plug in a module with paged memory (ports.module)',
  ),
  MODULE_READ_ONLY: row(
    'MODULE_READ_ONLY',
    0x30a,
    'BAD_PARAM',
    "a host may not write this byte of the module's memory",
    'read it',
  ),
  MODULE_BUS: row(
    'MODULE_BUS',
    0x30b,
    'BAD_PARAM',
    'no module answers on that bus address',
    'ask address 0x50 of a module that is plugged in (ports.module)',
  ),
  PCC_SLOT: row(
    'PCC_SLOT',
    0x30c,
    'BAD_PARAM',
    'the congestion control slot has no algorithm (cmd_type 0x10 lists them)',
    'use a slot that cmd_type 0x10 lists',
  ),
  // Diagnostic counters.
  DIAGNOSTIC_COUNTER: row(
    'DIAGNOSTIC_COUNTER',
    0x501,
    'BAD_PARAM',
    'a counter that debug_cap does not list',
    'use counters of QUERY_HCA_CAP DEBUG, those with sync where sync is asked for',
  ),
  DIAGNOSTIC_PARAMS: row(
    'DIAGNOSTIC_PARAMS',
    0x502,
    'BAD_PARAM',
    'sampling needs one mode, at least one counter, and numbers within the limits of debug_cap',
    'set one mode, a counter or more, and a period and samples within the limits of QUERY_HCA_CAP DEBUG',
  ),
} as const satisfies Record<string, SyndromeRow>;
