/**
 * The commands of the emulated mlx5 firmware. A new one is a row of abi/mlx5/command-limits.ts and one here, its
 * handler in commands/, and, for traces, its layout in abi/mlx5/commands.ts; test/unit/firmware/mlx5/commands.test.ts
 * runs it by itself.
 */
import { COMMAND_LIMITS, type PlainCommandName } from '../../abi/mlx5/command-limits.ts';
import { type CommandRow, CommandTable } from './command-table.ts';
import { execAccessRegister } from './commands/access-register.ts';
import {
  execDisableHca,
  execEnableHca,
  execInitHca,
  execManagePages,
  execSetDriverVersion,
  execSetIssi,
  execTeardownHca,
} from './commands/bring-up.ts';
import {
  execQueryDiagnosticCounters,
  execQueryDiagnosticParams,
  execSetDiagnosticParams,
} from './commands/diagnostic.ts';
import {
  execAddVxlanPort,
  execAllocPd,
  execAllocUar,
  execCreateEq,
  execCreateMkey,
  execDeallocPd,
  execDeallocUar,
  execDeleteVxlanPort,
  execDestroyEq,
  execDestroyMkey,
} from './commands/driver-objects.ts';
import {
  execModifyCongStatus,
  execNoSuchObject,
  execNothingSet,
  execQueryDriverVersion,
  execQueryHcaVportContext,
  execQueryHcaVportGid,
  execQueryHcaVportPkey,
  execQueryRateLimit,
  execQueryVhcaState,
  execQueryVuid,
} from './commands/function-queries.ts';
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

/** What each does; what is asked of it before is abi/mlx5/command-limits.ts. */
const EXECUTE: Readonly<Record<PlainCommandName, Execute>> = {
  QUERY_HCA_CAP: execQueryHcaCap,
  SET_HCA_CAP: execSetHcaCap,
  QUERY_OTHER_HCA_CAP: execQueryOtherHcaCap,
  QUERY_ADAPTER: execQueryAdapter,
  QUERY_PAGES: execQueryPages,
  QUERY_ISSI: execQueryIssi,
  QUERY_SPECIAL_CONTEXTS: execQuerySpecialContexts,
  ACCESS_REG: execAccessRegister,
  NOP: execNop,
  QUERY_DIAGNOSTIC_PARAMS: execQueryDiagnosticParams,
  SET_DIAGNOSTIC_PARAMS: execSetDiagnosticParams,
  QUERY_DIAGNOSTIC_COUNTERS: execQueryDiagnosticCounters,
  CREATE_UCTX: execCreateUctx,
  QUERY_UCTX: execQueryUctx,
  DESTROY_UCTX: execDestroyUctx,
  MODIFY_CONG_STATUS: execModifyCongStatus,
  QUERY_HCA_VPORT_CONTEXT: execQueryHcaVportContext,
  QUERY_HCA_VPORT_GID: execQueryHcaVportGid,
  QUERY_HCA_VPORT_PKEY: execQueryHcaVportPkey,
  QUERY_VUID: execQueryVuid,
  QUERY_VHCA_STATE: execQueryVhcaState,
  QUERY_DRIVER_VERSION: execQueryDriverVersion,
  QUERY_SF_PARTITION: execNothingSet,
  QUERY_RATE_LIMIT: execQueryRateLimit,
  QUERY_BURST_SIZE: execNothingSet,
  QUERY_DELAY_DROP_PARAMS: execNothingSet,
  QUERY_GENERAL_OBJECT: execNoSuchObject,
  QUERY_MODIFY_HEADER_CONTEXT: execNoSuchObject,
  QUERY_MATCH_SAMPLE_INFO: execNoSuchObject,
  ACCESS_REGISTER_USER: execAccessRegister,
  ENABLE_HCA: execEnableHca,
  DISABLE_HCA: execDisableHca,
  INIT_HCA: execInitHca,
  TEARDOWN_HCA: execTeardownHca,
  SET_ISSI: execSetIssi,
  MANAGE_PAGES: execManagePages,
  SET_DRIVER_VERSION: execSetDriverVersion,
  ADD_VXLAN_UDP_DPORT: execAddVxlanPort,
  DELETE_VXLAN_UDP_DPORT: execDeleteVxlanPort,
  ALLOC_UAR: execAllocUar,
  DEALLOC_UAR: execDeallocUar,
  ALLOC_PD: execAllocPd,
  DEALLOC_PD: execDeallocPd,
  CREATE_EQ: execCreateEq,
  DESTROY_EQ: execDestroyEq,
  CREATE_MKEY: execCreateMkey,
  DESTROY_MKEY: execDestroyMkey,
};

const handlers = new Map<string, Execute>([...Object.entries(EXECUTE), ...OBJECT_QUERIES]);

export const MLX5_COMMANDS = new CommandTable<Mlx5Device>(
  COMMAND_LIMITS.map((limits) => ({ ...limits, execute: handlers.get(limits.name) as Execute })),
  {
    unknownOpcode: REFUSAL.UNKNOWN_OPCODE,
    requestTooShort: REFUSAL.REQUEST_TOO_SHORT,
    replyTooShort: REFUSAL.REPLY_TOO_SHORT,
    unknownUid: REFUSAL.UNKNOWN_UID,
    opMod: REFUSAL.OP_MOD,
    state: REFUSAL.HCA_STATE,
  },
);
