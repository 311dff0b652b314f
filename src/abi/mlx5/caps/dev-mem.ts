/** Capabilities DEV_MEM: struct mlx5_ifc_device_mem_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const DEV_MEM_CAP = layout('device_mem_cap', 256, [
  ['memic', 0, 1],
  ['log_min_memic_alloc_size', 43, 5],
  ['log_max_memic_addr_alignment', 56, 8],
  ['memic_bar_start_addr', 64, 64],
  ['memic_bar_size', 128, 32],
  ['max_memic_size', 160, 32],
  ['steering_sw_icm_start_address', 192, 64],
  ['log_header_modify_sw_icm_size', 264, 8],
  ['log_sw_icm_alloc_granularity', 274, 6],
  ['log_steering_sw_icm_size', 280, 8],
  ['log_header_modify_pattern_sw_icm_size', 312, 8],
  ['header_modify_sw_icm_start_address', 320, 64],
  ['header_modify_pattern_sw_icm_start_address', 448, 64],
  ['memic_operations', 512, 32],
]);
