/** DEBUG of a real ConnectX-6 Dx (README of mlx5ctl); a field that it does not print, or prints as 0, is 0. */
import type { FieldValues } from '../../../abi/mlx5/device-profile.ts';

export const DEBUG: FieldValues = {
  core_dump_general: 1,
  core_dump_qp: 1,
  log_cr_dump_to_mem_size: 8,
  resource_dump: 1,
  log_min_resource_dump_eq: 4,
  log_max_samples: 14,
  single: 1,
  repetitive: 1,
  health_mon_rx_activity: 1,
  diag_counter_tracer_dump: 1,
};
