/**
 * QUERY_LAG (0x842): struct mlx5_ifc_query_lag_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_LAG: CommandLayout = {
  request: layout('query_lag_in', 16, []),
  reply: layout('query_lag_out', 16, [
    ['ctx.fdb_selection_mode', 64, 1],
    ['ctx.port_select_mode', 85, 3],
    ['ctx.lag_state', 93, 3],
    ['ctx.active_port', 108, 4],
    ['ctx.tx_remap_affinity_2', 116, 4],
    ['ctx.tx_remap_affinity_1', 124, 4],
  ]),
};
