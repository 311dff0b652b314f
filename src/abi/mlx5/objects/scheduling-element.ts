/**
 * QUERY_SCHEDULING_ELEMENT (0x784): struct mlx5_ifc_query_scheduling_element_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_SCHEDULING_ELEMENT: CommandLayout = {
  request: layout('query_scheduling_element_in', 64, [
    ['scheduling_hierarchy', 64, 8],
    ['scheduling_element_id', 96, 32],
  ]),
  reply: layout('query_scheduling_element_out', 128, [
    ['scheduling_context.element_type', 256, 8],
    ['scheduling_context.element_attributes', 288, 32],
    ['scheduling_context.parent_element_id', 320, 32],
    ['scheduling_context.bw_share', 416, 32],
    ['scheduling_context.max_average_bw', 448, 32],
  ]),
};
