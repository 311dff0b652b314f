/**
 * Data table. The counters that requests move by DMA: tx_port_stats, rx_port_stats, their _ext, port_stats_ext_pfc_adv,
 * pcie_ctx_hw_stats and generic_sw_hw_stats of include/linux/bnxt/hsi.h, as words of layout.ts; and an entry of a
 * coredump's list, struct coredump_segment_record.
 */

export const TX_PORT_STATS = `tx_64b_frames:8 tx_65b_127b_frames:8 tx_128b_255b_frames:8 tx_256b_511b_frames:8
  tx_512b_1023b_frames:8 tx_1024b_1518b_frames:8 tx_good_vlan_frames:8 tx_1519b_2047b_frames:8 tx_2048b_4095b_frames:8
  tx_4096b_9216b_frames:8 tx_9217b_16383b_frames:8 tx_good_frames:8 tx_total_frames:8 tx_ucast_frames:8
  tx_mcast_frames:8 tx_bcast_frames:8 tx_pause_frames:8 tx_pfc_frames:8 tx_jabber_frames:8 tx_fcs_err_frames:8
  tx_control_frames:8 tx_oversz_frames:8 tx_single_dfrl_frames:8 tx_multi_dfrl_frames:8 tx_single_coll_frames:8
  tx_multi_coll_frames:8 tx_late_coll_frames:8 tx_excessive_coll_frames:8 tx_frag_frames:8 tx_err:8 tx_tagged_frames:8
  tx_dbl_tagged_frames:8 tx_runt_frames:8 tx_fifo_underruns:8 tx_pfc_ena_frames_pri:8*8 tx_eee_lpi_events:8
  tx_eee_lpi_duration:8 tx_llfc_logical_msgs:8 tx_hcfc_msgs:8 tx_total_collisions:8 tx_bytes:8 tx_xthol_frames:8
  tx_stat_discard:8 tx_stat_error:8`;

export const RX_PORT_STATS = `rx_64b_frames:8 rx_65b_127b_frames:8 rx_128b_255b_frames:8 rx_256b_511b_frames:8
  rx_512b_1023b_frames:8 rx_1024b_1518b_frames:8 rx_good_vlan_frames:8 rx_1519b_2047b_frames:8 rx_2048b_4095b_frames:8
  rx_4096b_9216b_frames:8 rx_9217b_16383b_frames:8 rx_total_frames:8 rx_ucast_frames:8 rx_mcast_frames:8
  rx_bcast_frames:8 rx_fcs_err_frames:8 rx_ctrl_frames:8 rx_pause_frames:8 rx_pfc_frames:8
  rx_unsupported_opcode_frames:8 rx_unsupported_da_pausepfc_frames:8 rx_wrong_sa_frames:8 rx_align_err_frames:8
  rx_oor_len_frames:8 rx_code_err_frames:8 rx_false_carrier_frames:8 rx_ovrsz_frames:8 rx_jbr_frames:8
  rx_mtu_err_frames:8 rx_match_crc_frames:8 rx_promiscuous_frames:8 rx_tagged_frames:8 rx_double_tagged_frames:8
  rx_trunc_frames:8 rx_good_frames:8 rx_pfc_xon2xoff_frames_pri:8*8 rx_pfc_ena_frames_pri:8*8 rx_sch_crc_err_frames:8
  rx_undrsz_frames:8 rx_frag_frames:8 rx_eee_lpi_events:8 rx_eee_lpi_duration:8 rx_llfc_physical_msgs:8
  rx_llfc_logical_msgs:8 rx_llfc_msgs_with_crc_err:8 rx_hcfc_msgs:8 rx_hcfc_msgs_with_crc_err:8 rx_bytes:8
  rx_runt_bytes:8 rx_runt_frames:8 rx_stat_discard:8 rx_stat_err:8`;

/** Each priority's pair: duration in us, transitions. */
export const TX_PORT_STATS_EXT = 'tx_bytes_cos:8*8 tx_packets_cos:8*8 pfc_pri_tx:8*16';

export const RX_PORT_STATS_EXT = `link_down_events:8 continuous_pause_events:8 resume_pause_events:8
  continuous_roce_pause_events:8 resume_roce_pause_events:8 rx_bytes_cos:8*8 rx_packets_cos:8*8 pfc_pri_rx:8*16
  rx_bits:8 rx_buffer_passed_threshold:8 rx_pcs_symbol_err:8 rx_corrected_bits:8 rx_discard_bytes_cos:8*8
  rx_discard_packets_cos:8*8 rx_fec_corrected_blocks:8 rx_fec_uncorrectable_blocks:8 rx_filter_miss:8
  rx_fec_symbol_err:8`;

export const PFC_ADV_STATS = 'pfc_min_duration_time:8*8 pfc_max_duration_time:8*8 pfc_weighted_duration_time:8*8';

export const PCIE_STATS = `pcie_pl_signal_integrity:8 pcie_dl_signal_integrity:8 pcie_tl_signal_integrity:8
  pcie_link_integrity:8 pcie_tx_traffic_rate:8 pcie_rx_traffic_rate:8 pcie_tx_dllp_statistics:8
  pcie_rx_dllp_statistics:8 pcie_equalization_time:8 pcie_ltssm_histogram:4*4 pcie_recovery_histogram:8`;

export const GENERIC_STATS = `pcie_statistics_tx_tlp:8 pcie_statistics_rx_tlp:8 pcie_credit_fc_hdr_posted:8
  pcie_credit_fc_hdr_nonposted:8 pcie_credit_fc_hdr_cmpl:8 pcie_credit_fc_data_posted:8
  pcie_credit_fc_data_nonposted:8 pcie_credit_fc_data_cmpl:8 pcie_credit_fc_tgt_nonposted:8
  pcie_credit_fc_tgt_data_posted:8 pcie_credit_fc_tgt_hdr_posted:8 pcie_credit_fc_cmpl_hdr_posted:8
  pcie_credit_fc_cmpl_data_posted:8 pcie_cmpl_longest:8 pcie_cmpl_shortest:8 cache_miss_count_cfcq:8
  cache_miss_count_cfcs:8 cache_miss_count_cfcc:8 cache_miss_count_cfcm:8 hw_db_recov_dbs_dropped:8
  hw_db_recov_drops_serviced:8 hw_db_recov_dbs_recovered:8 hw_db_recov_oo_drop_count:8`;

export const COREDUMP_SEGMENT = `component_id:2 segment_id:2 max_instances:2 version_hi version_low seg_flags
  compress_flags -2 segment_len:4`;
