/**
 * The commands of the emulated mlx5 firmware. A new one is a row here, its handler in commands/, and, for traces, its
 * layout in abi/mlx5/commands.ts; test/unit/firmware/mlx5/commands.test.ts runs it by itself. Lengths: mlx5_ifc.h's
 * structures; what is accepted below them is said at the row.
 */
import { PARAMS_BYTES } from '../../abi/mlx5/diagnostic.ts';
import { createUctx, destroyUctx, queryHcaCap } from '../../abi/mlx5/headers.ts';
import { OPCODE } from '../../abi/mlx5/opcodes.ts';
import { type CommandRow, CommandTable } from './command-table.ts';
import { execAccessRegister } from './commands/access-register.ts';
import {
  execQueryDiagnosticCounters,
  execQueryDiagnosticParams,
  execSetDiagnosticParams,
} from './commands/diagnostic.ts';
import { execQueryHcaCap } from './commands/hca-cap.ts';
import { OBJECT_QUERIES } from './commands/object-queries.ts';
import { execQueryOtherHcaCap, execSetHcaCap } from './commands/other-function-caps.ts';
import {
  execNop,
  execQueryAdapter,
  execQueryIssi,
  execQueryPages,
  execQuerySpecialContexts,
} from './commands/queries.ts';
import { execCreateUctx, execDestroyUctx, execQueryUctx } from './commands/uctx.ts';
import type { Mlx5Device } from './device.ts';
import { REFUSAL } from './syndromes.ts';

type Execute = CommandRow<Mlx5Device>['execute'];

const ANY: readonly [number, number] = [0, 0xffff];
const NONE: readonly [number, number] = [0, 0];
const READ_OR_WRITE: readonly [number, number] = [0, 1];

/** QUERY_HCA_CAP: the usual 256 bytes must fit; larger ones are cut. Unverified: whether hardware wants all 4112. */
const CAP_OUT = queryHcaCap.data + 256;
/** ACCESS_REG: the header alone; the register's data may be shorter or longer than the register (register-table.ts). */
const REG = 16;

/** [name, op_mod from..to, shortest request, shortest reply, handler] */
const rows: readonly (readonly [keyof typeof OPCODE, readonly [number, number], number, number, Execute])[] = [
  ['QUERY_HCA_CAP', ANY, queryHcaCap.inBytes, CAP_OUT, execQueryHcaCap],
  ['SET_HCA_CAP', ANY, 4112, 16, execSetHcaCap],
  ['QUERY_OTHER_HCA_CAP', NONE, 16, 96, execQueryOtherHcaCap],
  ['QUERY_ADAPTER', NONE, 16, 272, execQueryAdapter],
  ['QUERY_PAGES', [0, 3], 16, 16, execQueryPages],
  ['QUERY_ISSI', NONE, 16, 112, execQueryIssi],
  ['QUERY_SPECIAL_CONTEXTS', NONE, 16, 32, execQuerySpecialContexts],
  ['ACCESS_REG', READ_OR_WRITE, REG, REG, execAccessRegister],
  ['NOP', NONE, 16, 16, execNop],
  ['QUERY_DIAGNOSTIC_PARAMS', NONE, 16, PARAMS_BYTES, execQueryDiagnosticParams],
  ['SET_DIAGNOSTIC_PARAMS', NONE, PARAMS_BYTES, 16, execSetDiagnosticParams],
  ['QUERY_DIAGNOSTIC_COUNTERS', NONE, 16, 16, execQueryDiagnosticCounters],
  ['CREATE_UCTX', NONE, createUctx.inBytes, createUctx.outBytes, execCreateUctx],
  ['QUERY_UCTX', NONE, 16, 64, execQueryUctx],
  ['DESTROY_UCTX', NONE, destroyUctx.inBytes, destroyUctx.outBytes, execDestroyUctx],
  // Unverified: taken to have ACCESS_REG's structures.
  ['ACCESS_REGISTER_USER', READ_OR_WRITE, REG, REG, execAccessRegister],
  ...OBJECT_QUERIES,
];

export const MLX5_COMMANDS = new CommandTable<Mlx5Device>(
  rows.map(([name, opMod, minIn, minOut, execute]) => ({ opcode: OPCODE[name], name, opMod, minIn, minOut, execute })),
  {
    unknownOpcode: REFUSAL.UNKNOWN_OPCODE,
    requestTooShort: REFUSAL.REQUEST_TOO_SHORT,
    replyTooShort: REFUSAL.REPLY_TOO_SHORT,
    unknownUid: REFUSAL.UNKNOWN_UID,
    opMod: REFUSAL.OP_MOD,
  },
);
