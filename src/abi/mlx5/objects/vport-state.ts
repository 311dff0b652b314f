/**
 * QUERY_VPORT_STATE (0x750): struct mlx5_ifc_query_vport_state_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_VPORT_STATE: CommandLayout = {
  request: layout('query_vport_state_in', 16, [
    ['other_vport', 64, 1],
    ['vport_number', 80, 16],
  ]),
  reply: layout('query_vport_state_out', 16, [
    ['admin_state', 120, 4],
    ['state', 124, 4],
  ]),
};
