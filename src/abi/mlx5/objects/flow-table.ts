/**
 * QUERY_FLOW_TABLE (0x932): struct mlx5_ifc_query_flow_table_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_FLOW_TABLE: CommandLayout = {
  request: layout('query_flow_table_in', 64, [
    ['table_type', 128, 8],
    ['table_id', 168, 24],
  ]),
  reply: layout('query_flow_table_out', 64, [
    ['flow_table_context.reformat_en', 192, 1],
    ['flow_table_context.decap_en', 193, 1],
    ['flow_table_context.sw_owner', 194, 1],
    ['flow_table_context.termination_table', 195, 1],
    ['flow_table_context.table_miss_action', 196, 4],
    ['flow_table_context.level', 200, 8],
    ['flow_table_context.log_size', 216, 8],
    ['flow_table_context.table_miss_id', 232, 24],
    ['flow_table_context.lag_master_next_table_id', 264, 24],
    ['flow_table_context.sw_owner_icm_root_1', 384, 64],
    ['flow_table_context.sw_owner_icm_root_0', 448, 64],
  ]),
};
