/**
 * QUERY_RQ (0x90b): struct mlx5_ifc_query_rq_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import { nested } from '../../nested.ts';
import type { CommandLayout } from '../commands.ts';
import { WQ } from './wq.ts';

export const QUERY_RQ: CommandLayout = {
  request: layout('query_rq_in', 16, [['rqn', 72, 24]]),
  reply: layout('query_rq_out', 272, [
    ['rq_context.rlky', 256, 1],
    ['rq_context.delay_drop_en', 257, 1],
    ['rq_context.scatter_fcs', 258, 1],
    ['rq_context.vsd', 259, 1],
    ['rq_context.mem_rq_type', 260, 4],
    ['rq_context.state', 264, 4],
    ['rq_context.flush_in_error_en', 269, 1],
    ['rq_context.hairpin', 270, 1],
    ['rq_context.ts_format', 282, 2],
    ['rq_context.user_index', 296, 24],
    ['rq_context.cqn', 328, 24],
    ['rq_context.counter_set_id', 352, 8],
    ['rq_context.rmpn', 392, 24],
    ['rq_context.hairpin_peer_sq', 424, 24],
    ['rq_context.hairpin_peer_vhca', 464, 16],
    ['rq_context.shampo_no_match_alignment_granularity', 550, 2],
    ['rq_context.shampo_match_criteria_type', 558, 2],
    ['rq_context.reservation_timeout', 560, 16],
    ...nested('rq_context.wq', 640, WQ),
  ]),
};
