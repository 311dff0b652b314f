/** The layouts of every command that has any, by opcode: commands.ts, diagnostic.ts, each object type's query. */
import {
  ACCESS_REG,
  type CommandLayout,
  CREATE_UCTX,
  DESTROY_UCTX,
  NOP,
  QUERY_ADAPTER,
  QUERY_HCA_CAP,
  QUERY_ISSI,
  QUERY_OTHER_HCA_CAP,
  QUERY_PAGES,
  QUERY_SPECIAL_CONTEXTS,
  QUERY_UCTX,
  SET_HCA_CAP,
} from './commands.ts';
import { QUERY_DIAGNOSTIC_COUNTERS, QUERY_DIAGNOSTIC_PARAMS, SET_DIAGNOSTIC_PARAMS } from './diagnostic.ts';
import { OBJECT_TYPES } from './objects/types.ts';
import { OPCODE } from './opcodes.ts';

const byOpcode: ReadonlyMap<number, CommandLayout> = new Map([
  [OPCODE.QUERY_HCA_CAP, QUERY_HCA_CAP],
  [OPCODE.QUERY_ADAPTER, QUERY_ADAPTER],
  [OPCODE.QUERY_PAGES, QUERY_PAGES],
  [OPCODE.QUERY_ISSI, QUERY_ISSI],
  [OPCODE.QUERY_SPECIAL_CONTEXTS, QUERY_SPECIAL_CONTEXTS],
  [OPCODE.CREATE_UCTX, CREATE_UCTX],
  [OPCODE.QUERY_UCTX, QUERY_UCTX],
  [OPCODE.DESTROY_UCTX, DESTROY_UCTX],
  [OPCODE.ACCESS_REG, ACCESS_REG],
  [OPCODE.ACCESS_REGISTER_USER, ACCESS_REG],
  [OPCODE.NOP, NOP],
  [OPCODE.QUERY_DIAGNOSTIC_PARAMS, QUERY_DIAGNOSTIC_PARAMS],
  [OPCODE.SET_DIAGNOSTIC_PARAMS, SET_DIAGNOSTIC_PARAMS],
  [OPCODE.QUERY_DIAGNOSTIC_COUNTERS, QUERY_DIAGNOSTIC_COUNTERS],
  [OPCODE.SET_HCA_CAP, SET_HCA_CAP],
  [OPCODE.QUERY_OTHER_HCA_CAP, QUERY_OTHER_HCA_CAP],
  ...OBJECT_TYPES.map(({ opcode, query }): [number, CommandLayout] => [opcode, query]),
]);

export function commandLayout(opcode: number): CommandLayout | undefined {
  return byOpcode.get(opcode);
}
