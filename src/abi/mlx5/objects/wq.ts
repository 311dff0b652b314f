/**
 * A work queue inside of an SQ, RQ, RMP or XRQ: struct mlx5_ifc_wq_bits of mlx5_ifc.h. Nested by several objects.
 * Data table.
 */
import type { FieldRow } from '../../bits.ts';

export const WQ: readonly FieldRow[] = [
  ['wq_type', 0, 4],
  ['wq_signature', 4, 1],
  ['end_padding_mode', 5, 2],
  ['cd_slave', 7, 1],
  ['hds_skip_first_sge', 32, 1],
  ['log2_hds_buf_size', 33, 3],
  ['page_offset', 43, 5],
  ['lwm', 48, 16],
  ['pd', 72, 24],
  ['uar_page', 104, 24],
  ['dbr_addr', 128, 64],
  ['hw_counter', 192, 32],
  ['sw_counter', 224, 32],
  ['log_wq_stride', 268, 4],
  ['log_wq_pg_sz', 275, 5],
  ['log_wq_sz', 283, 5],
  ['dbr_umem_valid', 288, 1],
  ['wq_umem_valid', 289, 1],
  ['log_hairpin_num_packets', 291, 5],
  ['log_hairpin_data_sz', 299, 5],
  ['log_wqe_num_of_strides', 308, 4],
  ['two_byte_shift_en', 312, 1],
  ['log_wqe_stride_size', 317, 3],
  ['headers_mkey', 448, 32],
  ['shampo_enable', 480, 1],
  ['log_reservation_size', 485, 3],
  ['log_max_num_of_packets_per_reservation', 493, 3],
  ['log_headers_entry_size', 502, 2],
  ['log_headers_buffer_entry_num', 508, 4],
];
