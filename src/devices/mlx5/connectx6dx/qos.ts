/**
 * QOS of a real ConnectX-6 Dx: decoded from the 48 bytes in mlx5ctl's README (abi/mlx5/caps/qos.ts: which places are
 * deduced from them), the rest 0. The README calls max_qos_para_vport max_qos_para_vport_old.
 */
import type { FieldValues } from '../../../abi/mlx5/device-profile.ts';

export const QOS: FieldValues = {
  packet_pacing: 1,
  esw_scheduling: 1,
  esw_bw_share: 1,
  esw_rate_limit: 1,
  hll: 1,
  packet_pacing_burst_bound: 1,
  packet_pacing_typical_size: 1,
  flow_meter_old: 1,
  nic_sq_scheduling: 1,
  nic_bw_share: 1,
  nic_rate_limit: 1,
  packet_pacing_uid: 1,
  log_esw_max_sched_depth: 1,
  log_max_flow_meter: 12,
  flow_meter_reg_id: 42,
  nic_qp_scheduling: 1,
  log_nic_max_sched_depth: 2,
  flow_meter: 1,
  qos_remap_pp: 1,
  log_max_qos_nic_queue_group: 8,
  packet_pacing_max_rate: 100000000,
  packet_pacing_min_rate: 1,
  log_esw_max_rate_limit: 4,
  packet_pacing_rate_table_size: 128,
  esw_element_type: 15,
  esw_tsar_type: 7,
  max_qos_para_vport: 8,
  max_tsar_bw_share: 100,
  nic_element_type: 17,
  nic_tsar_type: 1,
  log_meter_aso_granularity: 6,
  log_meter_aso_max_alloc: 6,
  log_max_num_meter_aso: 23,
  log_max_qos_nic_scheduling_element: 13,
  log_max_qos_esw_scheduling_element: 13,
};
