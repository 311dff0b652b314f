/**
 * Capabilities QOS: struct mlx5_ifc_qos_cap_bits of mlx5_ifc.h; [field, bit offset MSB first, bits].
 * The header has no hll, flow_meter_old, log_max_flow_meter,
 * flow_meter_reg_id, wqe_rate_pp, nic_qp_scheduling, log_nic_max_sched_depth,
 * flow_meter, qos_remap_pp, max_flow_meter_bs_exponent, log_esw_max_rate_limit,
 * nic_element_type, nic_tsar_type, log_max_qos_*_scheduling_element: their places and widths are deduced from the
 * 48 bytes of a real ConnectX-6 Dx whose decode is public (mlx5ctl README), so a width may be off.
 */
import { layout } from '../../bits.ts';

export const QOS_CAP = layout('qos_cap', 256, [
  ['packet_pacing', 0, 1],
  ['esw_scheduling', 1, 1],
  ['esw_bw_share', 2, 1],
  ['esw_rate_limit', 3, 1],
  ['hll', 4, 1],
  ['packet_pacing_burst_bound', 5, 1],
  ['packet_pacing_typical_size', 6, 1],
  ['flow_meter_old', 7, 1],
  ['nic_sq_scheduling', 8, 1],
  ['nic_bw_share', 9, 1],
  ['nic_rate_limit', 10, 1],
  ['packet_pacing_uid', 11, 1],
  ['log_esw_max_sched_depth', 12, 4],
  ['log_max_flow_meter', 16, 8],
  ['flow_meter_reg_id', 24, 8],
  ['wqe_rate_pp', 32, 1],
  ['nic_qp_scheduling', 33, 1],
  ['log_nic_max_sched_depth', 36, 4],
  ['flow_meter', 40, 1],
  ['qos_remap_pp', 42, 1],
  ['log_max_qos_nic_queue_group', 43, 5],
  ['max_flow_meter_bs_exponent', 56, 8],
  ['packet_pacing_max_rate', 64, 32],
  ['packet_pacing_min_rate', 96, 32],
  ['log_esw_max_rate_limit', 136, 8],
  ['packet_pacing_rate_table_size', 144, 16],
  ['esw_element_type', 160, 16],
  ['esw_tsar_type', 176, 16],
  ['max_qos_para_vport', 208, 16],
  ['max_tsar_bw_share', 224, 32],
  ['nic_element_type', 256, 16],
  ['nic_tsar_type', 272, 16],
  ['log_meter_aso_granularity', 291, 5],
  ['log_meter_aso_max_alloc', 299, 5],
  ['log_max_num_meter_aso', 307, 5],
  ['log_max_qos_nic_scheduling_element', 320, 8],
  ['log_max_qos_esw_scheduling_element', 328, 8],
]);
