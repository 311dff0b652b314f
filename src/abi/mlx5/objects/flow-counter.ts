/**
 * QUERY_FLOW_COUNTER (0x93b): struct mlx5_ifc_query_flow_counter_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_FLOW_COUNTER: CommandLayout = {
  request: layout('query_flow_counter_in', 32, [
    ['clear', 192, 1],
    ['num_of_counters', 208, 16],
    ['flow_counter_id', 224, 32],
  ]),
  reply: layout('query_flow_counter_out', 16, []),
};
