/**
 * QUERY_CQ (0x402): struct mlx5_ifc_query_cq_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_CQ: CommandLayout = {
  request: layout('query_cq_in', 16, [['cqn', 72, 24]]),
  reply: layout('query_cq_out', 272, [
    ['cq_context.status', 128, 4],
    ['cq_context.dbr_umem_valid', 134, 1],
    ['cq_context.apu_cq', 135, 1],
    ['cq_context.cqe_sz', 136, 3],
    ['cq_context.cc', 139, 1],
    ['cq_context.scqe_break_moderation_en', 141, 1],
    ['cq_context.oi', 142, 1],
    ['cq_context.cq_period_mode', 143, 2],
    ['cq_context.cqe_comp_en', 145, 1],
    ['cq_context.mini_cqe_res_format', 146, 2],
    ['cq_context.st', 148, 4],
    ['cq_context.cqe_compression_layout', 158, 2],
    ['cq_context.page_offset', 212, 6],
    ['cq_context.log_cq_size', 227, 5],
    ['cq_context.uar_page', 232, 24],
    ['cq_context.cq_period', 260, 12],
    ['cq_context.cq_max_count', 272, 16],
    ['cq_context.c_eqn_or_apu_element', 288, 32],
    ['cq_context.log_page_size', 323, 5],
    ['cq_context.last_notified_index', 392, 24],
    ['cq_context.last_solicit_index', 424, 24],
    ['cq_context.consumer_counter', 456, 24],
    ['cq_context.producer_counter', 488, 24],
    ['cq_context.dbr_addr', 576, 64],
  ]),
};
