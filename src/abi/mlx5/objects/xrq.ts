/**
 * QUERY_XRQ (0x719): struct mlx5_ifc_query_xrq_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import { nested } from '../../nested.ts';
import type { CommandLayout } from '../commands.ts';
import { WQ } from './wq.ts';

export const QUERY_XRQ: CommandLayout = {
  request: layout('query_xrq_in', 16, [['xrqn', 72, 24]]),
  reply: layout('query_xrq_out', 336, [
    ['xrq_context.state', 128, 4],
    ['xrq_context.rlkey', 132, 1],
    ['xrq_context.topology', 148, 4],
    ['xrq_context.offload', 156, 4],
    ['xrq_context.user_index', 168, 24],
    ['xrq_context.cqn', 200, 24],
    ['xrq_context.tag_matching_topology_context.log_matching_list_sz', 384, 4],
    ['xrq_context.tag_matching_topology_context.append_next_index', 400, 16],
    ['xrq_context.tag_matching_topology_context.sw_phase_cnt', 416, 16],
    ['xrq_context.tag_matching_topology_context.hw_phase_cnt', 432, 16],
    ...nested('xrq_context.wq', 1152, WQ),
  ]),
};
