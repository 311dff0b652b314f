/**
 * QUERY_SQ (0x907): struct mlx5_ifc_query_sq_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import { nested } from '../../nested.ts';
import type { CommandLayout } from '../commands.ts';
import { WQ } from './wq.ts';

export const QUERY_SQ: CommandLayout = {
  request: layout('query_sq_in', 16, [['sqn', 72, 24]]),
  reply: layout('query_sq_out', 272, [
    ['sq_context.rlky', 256, 1],
    ['sq_context.cd_master', 257, 1],
    ['sq_context.fre', 258, 1],
    ['sq_context.flush_in_error_en', 259, 1],
    ['sq_context.allow_multi_pkt_send_wqe', 260, 1],
    ['sq_context.min_wqe_inline_mode', 261, 3],
    ['sq_context.state', 264, 4],
    ['sq_context.reg_umr', 268, 1],
    ['sq_context.allow_swp', 269, 1],
    ['sq_context.hairpin', 270, 1],
    ['sq_context.ts_format', 282, 2],
    ['sq_context.user_index', 296, 24],
    ['sq_context.cqn', 328, 24],
    ['sq_context.hairpin_peer_rq', 360, 24],
    ['sq_context.hairpin_peer_vhca', 400, 16],
    ['sq_context.ts_cqe_to_dest_cqn', 456, 24],
    ['sq_context.packet_pacing_rate_limit_index', 496, 16],
    ['sq_context.tis_lst_sz', 512, 16],
    ['sq_context.qos_queue_group_id', 528, 16],
    ['sq_context.tis_num_0', 616, 24],
    ...nested('sq_context.wq', 640, WQ),
  ]),
};
