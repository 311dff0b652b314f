/** Capabilities GENERAL_2: struct mlx5_ifc_cmd_hca_cap_2_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const GENERAL_2_CAP = layout('cmd_hca_cap_2', 256, [
  ['max_reformat_insert_size', 160, 8],
  ['max_reformat_insert_offset', 168, 8],
  ['max_reformat_remove_size', 176, 8],
  ['max_reformat_remove_offset', 184, 8],
  ['log_min_mkey_entity_size', 427, 5],
  ['sw_vhca_id_valid', 545, 1],
  ['sw_vhca_id', 546, 14],
  ['ts_cqe_metadata_size2wqe_counter', 587, 5],
]);
