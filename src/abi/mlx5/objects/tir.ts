/**
 * QUERY_TIR (0x903): struct mlx5_ifc_query_tir_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_TIR: CommandLayout = {
  request: layout('query_tir_in', 16, [['tirn', 72, 24]]),
  reply: layout('query_tir_out', 272, [
    ['tir_context.disp_type', 288, 4],
    ['tir_context.tls_en', 292, 1],
    ['tir_context.lro_timeout_period_usecs', 388, 16],
    ['tir_context.packet_merge_mask', 404, 4],
    ['tir_context.lro_max_ip_payload_size', 408, 8],
    ['tir_context.inline_rqn', 488, 24],
    ['tir_context.rx_hash_symmetric', 512, 1],
    ['tir_context.tunneled_offload_en', 514, 1],
    ['tir_context.indirect_table', 520, 24],
    ['tir_context.rx_hash_fn', 544, 4],
    ['tir_context.self_lb_block', 550, 2],
    ['tir_context.transport_domain', 552, 24],
    ['tir_context.rx_hash_toeplitz_key[10]', 576, 32],
    ['tir_context.rx_hash_field_selector_outer.l3_prot_type', 896, 1],
    ['tir_context.rx_hash_field_selector_outer.l4_prot_type', 897, 1],
    ['tir_context.rx_hash_field_selector_outer.selected_fields', 898, 30],
    ['tir_context.rx_hash_field_selector_inner.l3_prot_type', 928, 1],
    ['tir_context.rx_hash_field_selector_inner.l4_prot_type', 929, 1],
    ['tir_context.rx_hash_field_selector_inner.selected_fields', 930, 30],
  ]),
};
