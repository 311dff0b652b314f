/**
 * Data table. HWRM requests of ports, queues and tunnels:
 * structures of include/linux/bnxt/hsi.h.
 */
import type { LayoutTable } from '../layout.ts';

export const PORT_LAYOUTS: LayoutTable = {
  PORT_QSTATS: ['port_id:2 flags -21', 'tx_stat_size:2 rx_stat_size:2 flags -2'],
  PORT_CLR_STATS: ['port_id:2 flags -5', '-7'],
  PORT_PHY_QCFG: [
    'port_id:2 -6',
    `link active_fec_signal_mode link_speed:2 duplex_cfg pause support_speeds:2 force_link_speed:2 auto_mode
     auto_pause auto_link_speed:2 auto_link_speed_mask:2 wirespeed lpbk force_pause module_status preemphasis:4
     phy_maj phy_min phy_bld phy_type media_type xcvr_pkg_type eee_config_phy_addr parallel_detect
     link_partner_adv_speeds:2 link_partner_adv_auto_mode link_partner_adv_pause adv_eee_link_speed_mask:2
     link_partner_adv_eee_link_speed_mask:2 xcvr_identifier_type_tx_lpi_timer:4 fec_cfg:2 duplex_state option_flags
     phy_vendor_name*16 phy_vendor_partnumber*16 support_pam4_speeds:2 force_pam4_link_speed:2
     auto_pam4_link_speed_mask:2 link_partner_pam4_adv_speeds link_down_reason support_speeds2:2 force_link_speeds2:2
     auto_link_speeds2:2 active_lanes -1 support_speeds2_ext:2 auto_link_speeds2_ext:2 -3`,
  ],
  PORT_PHY_QCAPS: [
    'port_id:2 -6',
    `flags port_cnt supported_speeds_force_mode:2 supported_speeds_auto_mode:2 supported_speeds_eee_mode:2
     tx_lpi_timer_low:4 valid_tx_lpi_timer_high:4 supported_pam4_speeds_auto_mode:2
     supported_pam4_speeds_force_mode:2 flags2:2 internal_port_cnt -1 supported_speeds2_force_mode:2
     supported_speeds2_auto_mode:2 supported_speeds2_ext_force_mode:2 supported_speeds2_ext_auto_mode:2 -7`,
  ],
  PORT_PHY_I2C_WRITE: [
    'flags:4 enables:4 port_id:2 i2c_slave_addr bank_number page_number:2 page_offset:2 data_length -7 data:4*16',
    '-7',
  ],
  PORT_PHY_I2C_READ: [
    'flags:4 enables:4 port_id:2 i2c_slave_addr bank_number page_number:2 page_offset:2 data_length -7',
    'data:4*16 -7',
  ],
  QUEUE_PRI2COS_QCFG: [
    'flags:4 port_id -3',
    `pri0_cos_queue_id pri1_cos_queue_id pri2_cos_queue_id pri3_cos_queue_id pri4_cos_queue_id pri5_cos_queue_id
     pri6_cos_queue_id pri7_cos_queue_id queue_cfg_info -6`,
  ],
  QUEUE_COS2BW_QCFG: [
    'port_id:2 -6',
    `queue_id0 -3 queue_id0_min_bw:4 queue_id0_max_bw:4 queue_id0_tsa_assign queue_id0_pri_lvl queue_id0_bw_weight
     queue_id1 queue_id1_min_bw:4 queue_id1_max_bw:4 queue_id1_tsa_assign queue_id1_pri_lvl queue_id1_bw_weight
     queue_id2 queue_id2_min_bw:4 queue_id2_max_bw:4 queue_id2_tsa_assign queue_id2_pri_lvl queue_id2_bw_weight
     queue_id3 queue_id3_min_bw:4 queue_id3_max_bw:4 queue_id3_tsa_assign queue_id3_pri_lvl queue_id3_bw_weight
     queue_id4 queue_id4_min_bw:4 queue_id4_max_bw:4 queue_id4_tsa_assign queue_id4_pri_lvl queue_id4_bw_weight
     queue_id5 queue_id5_min_bw:4 queue_id5_max_bw:4 queue_id5_tsa_assign queue_id5_pri_lvl queue_id5_bw_weight
     queue_id6 queue_id6_min_bw:4 queue_id6_max_bw:4 queue_id6_tsa_assign queue_id6_pri_lvl queue_id6_bw_weight
     queue_id7 queue_id7_min_bw:4 queue_id7_max_bw:4 queue_id7_tsa_assign queue_id7_pri_lvl queue_id7_bw_weight -4`,
  ],
  QUEUE_DSCP2PRI_QCFG: ['-8 port_id -1 dest_data_buffer_size:2 -4', 'entry_cnt:2 default_pri -4'],
  VNIC_RSS_QCFG: ['rss_ctx_idx:2 vnic_id:2 -4', 'hash_type:4 -4 hash_key:4*10 hash_mode_flags ring_select_mode -5'],
  PORT_EVENTS_LOG: ['-8 host_dest_addr_len:4 -4', '-7'],
  SCH_GRP_CFG: [
    'sch_grp_id:2 num_fids:2 enables:4 -8 max_bw:4 -4 queue_id*8 queue_tsa_assign*8 queue_min_bw_percent:4*8',
    '-7',
  ],
  SCH_GRP_QCFG: [
    'sch_grp_id:2 fid_table_len:2 -12',
    'max_bw:4 -2 num_fids:2 queue_id*8 queue_tsa_assign*8 queue_min_bw_percent:4*8 -7',
  ],
  TUNNEL_DST_PORT_QUERY: [
    'tunnel_type tunnel_next_proto -6',
    'tunnel_dst_port_id:2 tunnel_dst_port_val:2 upar_in_use status -1',
  ],
  PORT_QSTATS_EXT: [
    'port_id:2 tx_stat_size:2 rx_stat_size:2 flags -17',
    'tx_stat_size:2 rx_stat_size:2 total_active_cos_queues:2 flags',
  ],
  PORT_PHY_MDIO_WRITE: ['-8 port_id:2 phy_addr dev_addr reg_addr:2 reg_data:2 cl45_mdio -7', '-7'],
  PORT_PHY_MDIO_READ: ['-8 port_id:2 phy_addr dev_addr reg_addr:2 cl45_mdio -1', 'reg_data:2 -5'],
  PORT_QSTATS_EXT_PFC_ADV: ['port_id:2 pfc_adv_stat_size:2 flags -19', '-7'],
  PORT_PRBS_TEST: [
    '-8 data_len:2 flags:2 -4 port_id:2 poly:2 prbs_config:2 timeout:2 tx_lane_map:4 rx_lane_map:4',
    'total_data_len:2 ber_format -4',
  ],
  PORT_DSC_DUMP: [
    '-8 data_len:2 -2 data_offset:4 port_id:2 diag_level:2 lane_number:2 dsc_dump_config:2',
    'total_data_len:2 total_data_len_high:2 -2 flags',
  ],
  PORT_MAC_QCAPS: ['port_id:2 -6', 'flags -6'],
  CFA_ADV_FLOW_MGNT_QCAPS: ['-16', 'flags:4 -3'],
  PORT_PHY_FDRSTAT: [
    'port_id:2 -4 ops:2',
    `start_time:8 end_time:8 cmic_start_time:8 cmic_end_time:8 accumulated_uncorrected_codewords:8
     accumulated_corrected_codewords:8 accumulated_total_codewords:8 accumulated_symbol_errors:8
     accumulated_codewords_err_s:8*17 uncorrected_codewords:8 corrected_codewords:8 total_codewords:8 symbol_errors:8
     codewords_err_s:8*17 window_size:4 -3`,
  ],
};
