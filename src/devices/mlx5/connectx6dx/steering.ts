/**
 * A ConnectX-6 Dx's flow tables and e-switch. Plausible, read from no device: what mlx5_core asks of one that it runs
 * in switchdev mode (fs_core.c, eswitch_offloads.c, en_tc.c, steering/); sizes are usual ones.
 */

import { MATCH_FIELDS } from '../../../abi/mlx5/caps/flow-table-properties.ts';
import type { FieldValues } from '../../../abi/mlx5/device-profile.ts';

/** IPSEC, MACSEC: none; Geneve options by parser need a profile of NV configuration. */
const UNMATCHED = ['geneve_tlv_option_0_data', 'geneve_tlv_option_0_exist', 'outer_esp_spi', 'bth_dst_qp'];

/** All that is matched, as a whole and under a mask; a field of several bits is a list of MPLS labels' parts. */
function matches(table: string): FieldValues {
  const fields = MATCH_FIELDS.filter(([path]) => !UNMATCHED.includes(path));
  return Object.fromEntries(
    ['ft_field_support', 'ft_field_bitmask_support'].flatMap((kind) =>
      fields.map(([path, , bits]) => [`${table}.${kind}.${path}`, 2 ** bits - 1]),
    ),
  );
}

function of(table: string, values: FieldValues): FieldValues {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [`${table}.${field}`, value]));
}

const basic: FieldValues = {
  ft_support: 1,
  flow_counter: 1,
  flow_modify_en: 1,
  modify_root: 1,
  identified_miss_table_mode: 1,
  flow_table_modify: 1,
  log_max_ft_size: 22,
  max_ft_level: 64,
  log_max_ft_num: 24,
  log_max_flow_counter: 24,
  log_max_destination: 14,
  log_max_flow: 24,
};

const rewriting: FieldValues = {
  ...basic,
  reformat: 1,
  decap: 1,
  pop_vlan: 1,
  push_vlan: 1,
  reformat_and_vlan_action: 1,
  reformat_l3_tunnel_to_l2: 1,
  reformat_l2_to_l3_tunnel: 1,
  reformat_and_modify_action: 1,
  ignore_flow_level: 1,
  table_miss_action_domain: 1,
  reformat_and_fwd_to_table: 1,
  sw_owner: 1,
  sw_owner_v2: 1,
  log_max_modify_header_context: 24,
  max_modify_header_actions: 16,
  reformat_insert: 1,
  reformat_remove: 1,
};

const receive = 'flow_table_properties_nic_receive';
const transmit = 'flow_table_properties_nic_transmit';
const fdb = 'flow_table_properties_nic_esw_fdb';

export const FLOW_TABLE: FieldValues = {
  nic_rx_multi_path_tirs: 1,
  nic_rx_multi_path_tirs_fts: 1,
  allow_sniffer_and_nic_rx_shared_tir: 1,
  sw_owner_reformat_supported: 1,
  encap_general_header: 1,
  log_max_packet_reformat_context: 20,
  max_encap_header_size: 128,
  ...of(receive, rewriting),
  ...matches(receive),
  ...of(transmit, rewriting),
  ...matches(transmit),
  ...of(`${receive}_rdma`, basic),
  ...of(`${receive}_sniffer`, basic),
  ...of(`${transmit}_rdma`, basic),
  ...of(`${transmit}_sniffer`, basic),
  'ft_field_support_2_nic_receive_rdma.bth_opcode': 1,
  'ft_field_support_2_nic_transmit_rdma.bth_opcode': 1,
  // Addresses of the chip where steering by software sends what it drops or lets through.
  sw_steering_nic_rx_action_drop_icm_address: 0x0000_0100_0000_0000n,
  sw_steering_nic_tx_action_drop_icm_address: 0x0000_0100_0000_0040n,
  sw_steering_nic_tx_action_allow_icm_address: 0x0000_0100_0000_0080n,
};

export const ESWITCH_FLOW_TABLE: FieldValues = {
  fdb_to_vport_reg_c_id: 0xff,
  fdb_modify_header_fwd_to_table: 1,
  fdb_ipv4_ttl_modify: 1,
  flow_source: 1,
  multi_fdb_encap: 1,
  egress_acl_forward_to_vport: 1,
  fdb_multi_path_to_table: 1,
  ...of(fdb, { ...rewriting, pop_vlan_2: 1, push_vlan_2: 1, termination_table: 1, termination_table_raw_traffic: 1 }),
  ...matches(fdb),
  ...of('flow_table_properties_esw_acl_ingress', { ...basic, pop_vlan: 1, push_vlan: 1 }),
  ...matches('flow_table_properties_esw_acl_ingress'),
  ...of('flow_table_properties_esw_acl_egress', { ...basic, pop_vlan: 1, push_vlan: 1 }),
  ...matches('flow_table_properties_esw_acl_egress'),
  sw_steering_fdb_action_drop_icm_address_rx: 0x0000_0100_0000_00c0n,
  sw_steering_fdb_action_drop_icm_address_tx: 0x0000_0100_0000_0100n,
  sw_steering_uplink_icm_address_rx: 0x0000_0100_0000_0140n,
  sw_steering_uplink_icm_address_tx: 0x0000_0100_0000_0180n,
};

export const ESWITCH: FieldValues = {
  vport_svlan_strip: 0,
  vport_cvlan_strip: 1,
  vport_cvlan_insert_if_not_exist: 1,
  vport_cvlan_insert_overwrite: 1,
  esw_uplink_ingress_acl: 1,
  counter_eswitch_affinity: 1,
  merged_eswitch: 1,
  nic_vport_node_guid_modify: 1,
  nic_vport_port_guid_modify: 1,
  vxlan_encap_decap: 1,
  nvgre_encap_decap: 1,
  log_max_fdb_encap_uplink: 17,
  log_max_packet_reformat_context: 20,
  max_encap_header_size: 128,
};
