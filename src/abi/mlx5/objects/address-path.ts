/**
 * A QP's path to its peer: struct mlx5_ifc_ads_bits of mlx5_ifc.h. Nested by several objects.
 * Data table.
 */
import type { FieldRow } from '../../bits.ts';

export const ADDRESS_PATH: readonly FieldRow[] = [
  ['fl', 0, 1],
  ['free_ar', 1, 1],
  ['pkey_index', 16, 16],
  ['grh', 40, 1],
  ['mlid', 41, 7],
  ['rlid', 48, 16],
  ['ack_timeout', 64, 5],
  ['src_addr_index', 72, 8],
  ['stat_rate', 84, 4],
  ['hop_limit', 88, 8],
  ['tclass', 100, 8],
  ['flow_label', 108, 20],
  ['rgid_rip', 128, 128],
  ['f_dscp', 260, 1],
  ['f_ecn', 261, 1],
  ['f_eth_prio', 263, 1],
  ['ecn', 264, 2],
  ['dscp', 266, 6],
  ['udp_sport', 272, 16],
  ['dei_cfi', 288, 1],
  ['eth_prio', 289, 3],
  ['sl', 292, 4],
  ['vhca_port_num', 296, 8],
  ['rmac_47_32', 304, 16],
  ['rmac_31_0', 320, 32],
];
