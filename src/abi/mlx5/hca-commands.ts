/**
 * The commands by which a driver brings a function up and down, and what it creates for itself: layouts (mlx5_ifc.h:
 * mlx5_ifc_*_in_bits, *_out_bits), lengths, and in which state of the function a command is taken.
 * Data table.
 */
import { layout } from '../bits.ts';
import type { CommandLayout } from './commands.ts';
import { QUERY_EQ } from './objects/eq.ts';
import { MKEY_CONTEXT } from './objects/mkey.ts';

/** States of a function, a bit each: as it is after a reset, enabled, up, torn down. */
export const HCA_STATE = { powerUp: 1, enabled: 2, init: 4, tornDown: 8 } as const;

const { powerUp, enabled, init, tornDown } = HCA_STATE;
const COMMANDS = enabled | init | tornDown;

/** Where a command is taken that stands here: unverified, but that mlx5_core's order passes. All others want `init`. */
export const COMMAND_STATES: Readonly<Record<string, number>> = {
  ENABLE_HCA: powerUp,
  DISABLE_HCA: enabled | tornDown,
  INIT_HCA: enabled,
  TEARDOWN_HCA: init,
  SET_ISSI: enabled,
  QUERY_ISSI: COMMANDS,
  QUERY_PAGES: COMMANDS,
  MANAGE_PAGES: COMMANDS,
  QUERY_HCA_CAP: COMMANDS,
  SET_HCA_CAP: COMMANDS,
  QUERY_ADAPTER: COMMANDS,
  ACCESS_REG: COMMANDS,
  NOP: powerUp | COMMANDS,
};

/** MANAGE_PAGES op_mod (mlx5_core pagealloc.c). */
export const PAGES_OP = { cannotGive: 0, give: 1, take: 2 } as const;
/** QUERY_PAGES op_mod. */
export const PAGES_FOR = { boot: 1, init: 2, regular: 3 } as const;
/** TEARDOWN_HCA profile (enum MLX5_TEARDOWN_HCA_IN_PROFILE_*). */
export const TEARDOWN = { graceful: 0, force: 1, prepareFast: 2 } as const;

/** Lists of addresses, 8 bytes each: of pages behind MANAGE_PAGES, of an EQ's and a key's behind theirs. */
export const PAS_AT = { managePages: 16, createEq: 272, createMkey: 272 } as const;

const name = (command: string, way: 'in' | 'out') => `${command.toLowerCase()}_${way}`;
const bare = (command: string, fields: Parameters<typeof layout>[2] = [], inBytes = 16): CommandLayout => ({
  request: layout(name(command, 'in'), inBytes, fields),
  reply: layout(name(command, 'out'), 16, []),
});
/** ALLOC_*: the number that was given. */
const allocating = (command: string, field: string): CommandLayout => ({
  request: layout(name(command, 'in'), 16, []),
  reply: layout(name(command, 'out'), 16, [[field, 72, 24]]),
});
const ofFunction: Parameters<typeof layout>[2] = [
  ['embedded_cpu_function', 64, 1],
  ['function_id', 80, 16],
];

export const HCA_COMMANDS = {
  ENABLE_HCA: { request: layout('enable_hca_in', 16, ofFunction), reply: layout('enable_hca_out', 12, []) },
  DISABLE_HCA: { request: layout('disable_hca_in', 16, ofFunction), reply: layout('disable_hca_out', 12, []) },
  INIT_HCA: bare(
    'INIT_HCA',
    [
      ['sw_vhca_id', 98, 14],
      ['sw_owner_id[4]', 128, 32],
    ],
    32,
  ),
  TEARDOWN_HCA: {
    request: layout('teardown_hca_in', 16, [['profile', 80, 16]]),
    reply: layout('teardown_hca_out', 16, [['state', 127, 1]]),
  },
  SET_ISSI: bare('SET_ISSI', [['current_issi', 80, 16]]),
  MANAGE_PAGES: {
    request: layout('manage_pages_in', 16, [...ofFunction, ['input_num_entries', 96, 32]]),
    reply: layout('manage_pages_out', 16, [['output_num_entries', 64, 32]]),
  },
  SET_DRIVER_VERSION: bare('SET_DRIVER_VERSION', [['driver_version', 128, 512]], 80),
  ADD_VXLAN_UDP_DPORT: bare('ADD_VXLAN_UDP_DPORT', [['vxlan_udp_port', 112, 16]]),
  DELETE_VXLAN_UDP_DPORT: bare('DELETE_VXLAN_UDP_DPORT', [['vxlan_udp_port', 112, 16]]),
  ALLOC_UAR: allocating('ALLOC_UAR', 'uar'),
  DEALLOC_UAR: bare('DEALLOC_UAR', [['uar', 72, 24]]),
  ALLOC_PD: allocating('ALLOC_PD', 'pd'),
  DEALLOC_PD: bare('DEALLOC_PD', [['pd', 72, 24]]),
  // A context that is created stands where its query shows it.
  CREATE_EQ: { request: QUERY_EQ.reply, reply: layout('create_eq_out', 16, [['eq_number', 88, 8]]) },
  DESTROY_EQ: bare('DESTROY_EQ', [['eq_number', 88, 8]]),
  CREATE_MKEY: {
    request: layout('create_mkey_in', 272, [
      ['pg_access', 96, 1],
      ...MKEY_CONTEXT,
      ['translations_octword_actual_size', 768, 32],
    ]),
    reply: layout('create_mkey_out', 16, [['mkey_index', 72, 24]]),
  },
  DESTROY_MKEY: bare('DESTROY_MKEY', [['mkey_index', 72, 24]]),
} as const satisfies Record<string, CommandLayout>;

export type HcaCommandName = keyof typeof HCA_COMMANDS;
