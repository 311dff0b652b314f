/**
 * ETHERNET_OFFLOADS of a real ConnectX-6 Dx: the field values in the README of mlx5ctl; a field it does not print, or
 * prints as 0, is 0.
 */
import type { FieldValues } from '../../../abi/mlx5/device-profile.ts';

export const ETHERNET_OFFLOADS: FieldValues = {
  csum_cap: 1,
  vlan_cap: 1,
  lro_cap: 1,
  lro_time_stamp: 1,
  self_lb_en_modifiable: 1,
  max_lso_cap: 18,
  multi_pkt_send_wqe: 1,
  wqe_inline_mode: 2,
  rss_ind_tbl_cap: 11,
  reg_umr_sq: 1,
  scatter_fcs: 1,
  enhanced_multi_pkt_send_wqe: 1,
  tunnel_stateless_gre: 1,
  tunnel_stateless_vxlan: 1,
  swp: 1,
  swp_csum: 1,
  swp_lso: 1,
  tunnel_stateless_geneve_tx: 1,
  tunnel_stateless_vxlan_gpe: 1,
  tunnel_stateless_ipv4_over_vxlan: 1,
  tunnel_stateless_ip_over_ip: 1,
  insert_trailer: 1,
  tunnel_stateless_ip_over_ip_rx: 1,
  tunnel_stateless_ip_over_ip_tx: 1,
  max_geneve_opt_len: 1,
  tunnel_stateless_geneve_rx: 1,
  lro_min_mss_size: 1348,
  'lro_timer_supported_periods[0]': 8,
  'lro_timer_supported_periods[1]': 16,
  'lro_timer_supported_periods[2]': 32,
  'lro_timer_supported_periods[3]': 1024,
};
