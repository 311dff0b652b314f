/** Capabilities FLOW_TABLE: struct mlx5_ifc_flow_table_nic_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';
import { nested } from '../../nested.ts';
import { FLOW_TABLE_PROPERTIES } from './flow-table-properties.ts';

export const FLOW_TABLE_CAP = layout('flow_table_nic_cap', 4096, [
  ['nic_rx_multi_path_tirs', 0, 1],
  ['nic_rx_multi_path_tirs_fts', 1, 1],
  ['allow_sniffer_and_nic_rx_shared_tir', 2, 1],
  ['sw_owner_reformat_supported', 7, 1],
  ['encap_general_header', 32, 1],
  ['log_max_packet_reformat_context', 43, 5],
  ['max_encap_header_size', 54, 10],
  ...nested('flow_table_properties_nic_receive', 512, FLOW_TABLE_PROPERTIES),
  ...nested('flow_table_properties_nic_receive_rdma', 1024, FLOW_TABLE_PROPERTIES),
  ...nested('flow_table_properties_nic_receive_sniffer', 1536, FLOW_TABLE_PROPERTIES),
  ...nested('flow_table_properties_nic_transmit', 2048, FLOW_TABLE_PROPERTIES),
  ...nested('flow_table_properties_nic_transmit_rdma', 2560, FLOW_TABLE_PROPERTIES),
  ...nested('flow_table_properties_nic_transmit_sniffer', 3072, FLOW_TABLE_PROPERTIES),
  ['ft_field_support_2_nic_receive_rdma.bth_opcode', 5390, 1],
  ['ft_field_support_2_nic_transmit_rdma.bth_opcode', 6158, 1],
  ['sw_steering_nic_rx_action_drop_icm_address', 8192, 64],
  ['sw_steering_nic_tx_action_drop_icm_address', 8256, 64],
  ['sw_steering_nic_tx_action_allow_icm_address', 8320, 64],
]);
