/** Capabilities SHAMPO: struct mlx5_ifc_shampo_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const SHAMPO_CAP = layout('shampo_cap', 256, [
  ['shampo_log_max_reservation_size', 3, 5],
  ['shampo_log_min_reservation_size', 11, 5],
  ['shampo_min_mss_size', 16, 16],
  ['shampo_max_log_headers_entry_size', 35, 5],
]);
