/**
 * QUERY_XRC_SRQ (0x707): struct mlx5_ifc_query_xrc_srq_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_XRC_SRQ: CommandLayout = {
  request: layout('query_xrc_srq_in', 16, [['xrc_srqn', 72, 24]]),
  reply: layout('query_xrc_srq_out', 272, [
    ['xrc_srq_context_entry.state', 128, 4],
    ['xrc_srq_context_entry.log_xrc_srq_size', 132, 4],
    ['xrc_srq_context_entry.wq_signature', 160, 1],
    ['xrc_srq_context_entry.cont_srq', 161, 1],
    ['xrc_srq_context_entry.rlky', 163, 1],
    ['xrc_srq_context_entry.basic_cyclic_rcv_wqe', 164, 1],
    ['xrc_srq_context_entry.log_rq_stride', 165, 3],
    ['xrc_srq_context_entry.xrcd', 168, 24],
    ['xrc_srq_context_entry.page_offset', 192, 6],
    ['xrc_srq_context_entry.dbr_umem_valid', 199, 1],
    ['xrc_srq_context_entry.cqn', 200, 24],
    ['xrc_srq_context_entry.user_index_equal_xrc_srqn', 256, 1],
    ['xrc_srq_context_entry.log_page_size', 258, 6],
    ['xrc_srq_context_entry.user_index', 264, 24],
    ['xrc_srq_context_entry.pd', 328, 24],
    ['xrc_srq_context_entry.lwm', 352, 16],
    ['xrc_srq_context_entry.wqe_cnt', 368, 16],
    ['xrc_srq_context_entry.db_record_addr_h', 448, 32],
    ['xrc_srq_context_entry.db_record_addr_l', 480, 30],
  ]),
};
