/**
 * What the dispatcher of the emulated firmware asks of each command before it runs it, and what the trace says was
 * asked: op_mod, lengths. Lengths: mlx5_ifc.h's structures; what is accepted below them is said at the row.
 */
import { PARAMS_BYTES } from './diagnostic.ts';
import { COMMAND_STATES, HCA_STATE, PAS_AT } from './hca-commands.ts';
import { createUctx, destroyUctx, queryHcaCap } from './headers.ts';
import { OBJECT_TYPES, type ObjectTypeName } from './objects/types.ts';
import { OPCODE } from './opcodes.ts';

export interface CommandLimits {
  readonly opcode: number;
  readonly name: string;
  /** Smallest and largest op_mod, 16 bits. */
  readonly opMod: readonly [number, number];
  /** Shortest request and reply that are accepted, bytes, headers included. Longer ones always are. */
  readonly minIn: number;
  readonly minOut: number;
  /** States of the function in which it is taken: bits of HCA_STATE. */
  readonly states: number;
}

type Range = readonly [number, number];

const ANY: Range = [0, 0xffff];
const NONE: Range = [0, 0];
const READ_OR_WRITE: Range = [0, 1];

/** QUERY_HCA_CAP: the usual 256 bytes must fit; larger ones are cut. Unverified: whether hardware wants all 4112. */
const CAP_OUT = queryHcaCap.data + 256;
/** ACCESS_REG: the header alone; the register's data may be shorter or longer than the register (register-table.ts). */
const REG = 16;

/** [op_mod from..to, shortest request, shortest reply] */
const ROWS = {
  QUERY_HCA_CAP: [ANY, queryHcaCap.inBytes, CAP_OUT],
  SET_HCA_CAP: [ANY, 4112, 16],
  QUERY_OTHER_HCA_CAP: [NONE, 16, 96],
  QUERY_ADAPTER: [NONE, 16, 272],
  QUERY_PAGES: [[0, 3], 16, 16],
  QUERY_ISSI: [NONE, 16, 112],
  QUERY_SPECIAL_CONTEXTS: [NONE, 16, 32],
  ACCESS_REG: [READ_OR_WRITE, REG, REG],
  NOP: [NONE, 16, 16],
  QUERY_DIAGNOSTIC_PARAMS: [NONE, 16, PARAMS_BYTES],
  // and 4 bytes a counter, which the command itself asks for
  SET_DIAGNOSTIC_PARAMS: [NONE, PARAMS_BYTES, 16],
  QUERY_DIAGNOSTIC_COUNTERS: [NONE, 16, 16],
  CREATE_UCTX: [NONE, createUctx.inBytes, createUctx.outBytes],
  QUERY_UCTX: [NONE, 16, 64],
  DESTROY_UCTX: [NONE, destroyUctx.inBytes, destroyUctx.outBytes],
  MODIFY_CONG_STATUS: [NONE, 16, 16],
  QUERY_HCA_VPORT_CONTEXT: [NONE, 16, 528],
  QUERY_HCA_VPORT_GID: [NONE, 16, 32],
  QUERY_HCA_VPORT_PKEY: [NONE, 16, 20],
  QUERY_VUID: [ANY, 16, 192],
  QUERY_VHCA_STATE: [NONE, 16, 32],
  QUERY_DRIVER_VERSION: [NONE, 16, 80],
  QUERY_SF_PARTITION: [NONE, 16, 16],
  QUERY_RATE_LIMIT: [NONE, 16, 32],
  QUERY_BURST_SIZE: [NONE, 16, 16],
  QUERY_DELAY_DROP_PARAMS: [NONE, 16, 32],
  // A general object's type stands where others have op_mod.
  QUERY_GENERAL_OBJECT: [ANY, 16, 16],
  QUERY_MODIFY_HEADER_CONTEXT: [NONE, 32, 16],
  QUERY_MATCH_SAMPLE_INFO: [NONE, 16, 16],
  // Unverified: taken to have ACCESS_REG's structures.
  ACCESS_REGISTER_USER: [READ_OR_WRITE, REG, REG],
  // What brings a function up and down: hca-commands.ts. mlx5_core asks ENABLE_HCA and DISABLE_HCA for 12 bytes.
  ENABLE_HCA: [NONE, 16, 12],
  DISABLE_HCA: [NONE, 16, 12],
  INIT_HCA: [NONE, 16, 16],
  TEARDOWN_HCA: [NONE, 16, 16],
  SET_ISSI: [NONE, 16, 16],
  // and 8 bytes a page, which the command itself asks for
  MANAGE_PAGES: [[0, 2], 16, 16],
  SET_DRIVER_VERSION: [NONE, 80, 16],
  ADD_VXLAN_UDP_DPORT: [NONE, 16, 16],
  DELETE_VXLAN_UDP_DPORT: [NONE, 16, 16],
  ALLOC_UAR: [NONE, 16, 16],
  DEALLOC_UAR: [NONE, 16, 16],
  ALLOC_PD: [NONE, 16, 16],
  DEALLOC_PD: [NONE, 16, 16],
  // a queue has one page at least
  CREATE_EQ: [NONE, PAS_AT.createEq + 8, 16],
  DESTROY_EQ: [NONE, 16, 16],
  CREATE_MKEY: [NONE, PAS_AT.createMkey, 16],
  DESTROY_MKEY: [NONE, 16, 16],
} as const satisfies Partial<Record<keyof typeof OPCODE, readonly [Range, number, number]>>;

/** Commands that are no query of an object. */
export type PlainCommandName = keyof typeof ROWS;

/** op_mod: QUERY_VPORT_STATE has the NIC's vport, the eswitch's and the uplink (mlx5_core vport.h). */
const OBJECT_OP_MODS: Partial<Record<ObjectTypeName, Range>> = { VPORT_STATE: [0, 2] };

/** The commands that the firmware has, in its table's order. */
export const COMMAND_LIMITS: readonly CommandLimits[] = [
  ...(Object.keys(ROWS) as PlainCommandName[]).map((name): CommandLimits => {
    const [opMod, minIn, minOut] = ROWS[name];
    return { opcode: OPCODE[name], name, opMod, minIn, minOut, states: COMMAND_STATES[name] ?? HCA_STATE.init };
  }),
  ...OBJECT_TYPES.map(({ name: type, query: { request, reply } }): CommandLimits => {
    const name = `QUERY_${type}` as const;
    const opMod = OBJECT_OP_MODS[type] ?? NONE;
    return { opcode: OPCODE[name], name, opMod, minIn: request.bytes, minOut: reply.bytes, states: HCA_STATE.init };
  }),
];
