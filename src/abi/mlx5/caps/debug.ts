/** Capabilities DEBUG: struct mlx5_ifc_debug_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const DEBUG_CAP = layout('debug_cap', 64, [
  ['core_dump_general', 0, 1],
  ['core_dump_qp', 1, 1],
  ['log_cr_dump_to_mem_size', 4, 5],
  ['resource_dump', 9, 1],
  ['log_min_resource_dump_eq', 11, 5],
  ['log_max_samples', 24, 8],
  ['single', 32, 1],
  ['repetitive', 33, 1],
  ['health_mon_rx_activity', 34, 1],
  ['diag_counter_tracer_dump', 35, 1],
  ['log_min_sample_period', 56, 8],
]);
