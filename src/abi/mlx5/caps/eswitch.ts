/** Capabilities ESWITCH: struct mlx5_ifc_e_switch_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const ESWITCH_CAP = layout('e_switch_cap', 256, [
  ['vport_svlan_strip', 0, 1],
  ['vport_cvlan_strip', 1, 1],
  ['vport_svlan_insert', 2, 1],
  ['vport_cvlan_insert_if_not_exist', 3, 1],
  ['vport_cvlan_insert_overwrite', 4, 1],
  ['esw_shared_ingress_acl', 7, 1],
  ['esw_uplink_ingress_acl', 8, 1],
  ['root_ft_on_other_esw', 9, 1],
  ['esw_functions_changed', 25, 1],
  ['ecpf_vport_exists', 27, 1],
  ['counter_eswitch_affinity', 28, 1],
  ['merged_eswitch', 29, 1],
  ['nic_vport_node_guid_modify', 30, 1],
  ['nic_vport_port_guid_modify', 31, 1],
  ['vxlan_encap_decap', 32, 1],
  ['nvgre_encap_decap', 33, 1],
  ['log_max_fdb_encap_uplink', 35, 5],
  ['log_max_packet_reformat_context', 43, 5],
  ['reserved_2b', 48, 6],
  ['max_encap_header_size', 54, 10],
  ['log_max_esw_sf', 75, 5],
  ['esw_sf_base_id', 80, 16],
]);
