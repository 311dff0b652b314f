/** Capabilities ESWITCH_FLOW_TABLE: struct mlx5_ifc_flow_table_eswitch_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';
import { nested } from '../../nested.ts';
import { FLOW_TABLE_PROPERTIES } from './flow-table-properties.ts';

export const ESWITCH_FLOW_TABLE_CAP = layout('flow_table_eswitch_cap', 4096, [
  ['fdb_to_vport_reg_c_id', 0, 8],
  ['fdb_modify_header_fwd_to_table', 21, 1],
  ['fdb_ipv4_ttl_modify', 22, 1],
  ['flow_source', 23, 1],
  ['multi_fdb_encap', 26, 1],
  ['egress_acl_forward_to_vport', 27, 1],
  ['fdb_multi_path_to_table', 28, 1],
  ...nested('flow_table_properties_nic_esw_fdb', 512, FLOW_TABLE_PROPERTIES),
  ...nested('flow_table_properties_esw_acl_ingress', 1024, FLOW_TABLE_PROPERTIES),
  ...nested('flow_table_properties_esw_acl_egress', 1536, FLOW_TABLE_PROPERTIES),
  ['sw_steering_fdb_action_drop_icm_address_rx', 6144, 64],
  ['sw_steering_fdb_action_drop_icm_address_tx', 6208, 64],
  ['sw_steering_uplink_icm_address_rx', 6272, 64],
  ['sw_steering_uplink_icm_address_tx', 6336, 64],
]);
