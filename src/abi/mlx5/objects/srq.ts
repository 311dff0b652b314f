/**
 * QUERY_SRQ (0x702): struct mlx5_ifc_query_srq_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_SRQ: CommandLayout = {
  request: layout('query_srq_in', 16, [['srqn', 72, 24]]),
  reply: layout('query_srq_out', 272, [
    ['srq_context_entry.state', 128, 4],
    ['srq_context_entry.log_srq_size', 132, 4],
    ['srq_context_entry.wq_signature', 160, 1],
    ['srq_context_entry.cont_srq', 161, 1],
    ['srq_context_entry.rlky', 163, 1],
    ['srq_context_entry.log_rq_stride', 165, 3],
    ['srq_context_entry.xrcd', 168, 24],
    ['srq_context_entry.page_offset', 192, 6],
    ['srq_context_entry.cqn', 200, 24],
    ['srq_context_entry.log_page_size', 258, 6],
    ['srq_context_entry.pd', 328, 24],
    ['srq_context_entry.lwm', 352, 16],
    ['srq_context_entry.wqe_cnt', 368, 16],
    ['srq_context_entry.dbr_addr', 448, 64],
  ]),
};
