/**
 * Data table. HWRM requests of the function: versions, capabilities, configuration, statistics:
 * structures of include/linux/bnxt/hsi.h.
 */
import type { LayoutTable } from '../layout.ts';

export const FUNC_LAYOUTS: LayoutTable = {
  VER_GET: [
    'hwrm_intf_maj hwrm_intf_min hwrm_intf_upd -5',
    `hwrm_intf_maj_8b hwrm_intf_min_8b hwrm_intf_upd_8b hwrm_intf_rsvd_8b hwrm_fw_maj_8b hwrm_fw_min_8b
     hwrm_fw_bld_8b hwrm_fw_rsvd_8b mgmt_fw_maj_8b mgmt_fw_min_8b mgmt_fw_bld_8b mgmt_fw_rsvd_8b netctrl_fw_maj_8b
     netctrl_fw_min_8b netctrl_fw_bld_8b netctrl_fw_rsvd_8b dev_caps_cfg:4 roce_fw_maj_8b roce_fw_min_8b
     roce_fw_bld_8b roce_fw_rsvd_8b hwrm_fw_name*16 mgmt_fw_name*16 netctrl_fw_name*16 active_pkg_name*16
     roce_fw_name*16 chip_num:2 chip_rev chip_metal chip_bond_id chip_platform_type max_req_win_len:2 max_resp_len:2
     def_req_timeout:2 flags -2 always_1 hwrm_intf_major:2 hwrm_intf_minor:2 hwrm_intf_build:2 hwrm_intf_patch:2
     hwrm_fw_major:2 hwrm_fw_minor:2 hwrm_fw_build:2 hwrm_fw_patch:2 mgmt_fw_major:2 mgmt_fw_minor:2 mgmt_fw_build:2
     mgmt_fw_patch:2 netctrl_fw_major:2 netctrl_fw_minor:2 netctrl_fw_build:2 netctrl_fw_patch:2 roce_fw_major:2
     roce_fw_minor:2 roce_fw_build:2 roce_fw_patch:2 max_ext_req_len:2 max_req_timeout:2 -3`,
  ],
  ERROR_RECOVERY_QCFG: [
    '-8',
    `flags:4 driver_polling_freq:4 master_func_wait_period:4 normal_func_wait_period:4
     master_func_wait_period_after_reset:4 max_bailout_time_after_reset:4 fw_health_status_reg:4 fw_heartbeat_reg:4
     fw_reset_cnt_reg:4 reset_inprogress_reg:4 reset_inprogress_reg_mask:4 -3 reg_array_cnt reset_reg:4*16
     reset_reg_val:4*16 delay_after_reset*16 err_recovery_cnt_reg:4 -3`,
  ],
  FUNC_RESET: ['enables:4 vf_id:2 func_reset_level -1', '-7'],
  FUNC_QCAPS: [
    'fid:2 -6',
    `fid:2 port_id:2 flags:4 mac_address*6 max_rsscos_ctx:2 max_cmpl_rings:2 max_tx_rings:2 max_rx_rings:2
     max_l2_ctxs:2 max_vnics:2 first_vf_id:2 max_vfs:2 max_stat_ctx:2 max_encap_records:4 max_decap_records:4
     max_tx_em_flows:4 max_tx_wm_flows:4 max_rx_em_flows:4 max_rx_wm_flows:4 max_mcast_filters:4 max_flow_id:4
     max_hw_ring_grps:4 max_sp_tx_rings:2 max_msix_vfs:2 flags_ext:4 max_schqs mpc_chnls_cap max_key_ctxs_alloc:2
     flags_ext2:4 tunnel_disable_flag:2 xid_partition_cap:2 device_serial_number*8 ctxs_per_partition:2
     max_tso_segs:2 roce_vf_max_av:4 roce_vf_max_cq:4 roce_vf_max_mrw:4 roce_vf_max_qp:4 roce_vf_max_srq:4
     roce_vf_max_gid:4 flags_ext3:4 max_roce_vfs:2 max_crypto_rx_flow_filters:2 -3`,
  ],
  FUNC_QCFG: [
    'fid:2 -6',
    `fid:2 port_id:2 vlan:2 flags:2 mac_address*6 pci_id:2 alloc_rsscos_ctx:2 alloc_cmpl_rings:2 alloc_tx_rings:2
     alloc_rx_rings:2 alloc_l2_ctx:2 alloc_vnics:2 admin_mtu:2 mru:2 stat_ctx_id:2 port_partition_type port_pf_cnt
     dflt_vnic_id:2 max_mtu_configured:2 min_bw:4 max_bw:4 evb_mode options alloc_vfs:2 alloc_mcast_filters:4
     alloc_hw_ring_grps:4 alloc_sp_tx_rings:2 alloc_stat_ctx:2 alloc_msix:2 registered_vfs:2
     l2_doorbell_bar_size_kb:2 active_endpoints always_1 reset_addr_poll:4 legacy_l2_db_size_kb:2 svif_info:2
     mpc_chnls db_page_size roce_vnic_id:2 partition_min_bw:4 partition_max_bw:4 host_mtu:2 flags2:2 stag_vid:2
     port_kdnet_mode kdnet_pcie_function port_kdnet_fid:2 -1 roce_bidi_opt_mode num_ktls_tx_key_ctxs:4
     num_ktls_rx_key_ctxs:4 lag_id parif fw_lag_id -1 num_quic_tx_key_ctxs:4 num_quic_rx_key_ctxs:4
     roce_max_av_per_vf:4 roce_max_cq_per_vf:4 roce_max_mrw_per_vf:4 roce_max_qp_per_vf:4 roce_max_srq_per_vf:4
     roce_max_gid_per_vf:4 xid_partition_cfg:2 mirror_vnic_id:2 max_link_width max_link_speed negotiated_link_width
     negotiated_link_speed -2 pcie_compliance -1 l2_db_multi_page_size_kb:2 -5`,
  ],
  FUNC_QSTATS: [
    'fid:2 flags -5',
    `tx_ucast_pkts:8 tx_mcast_pkts:8 tx_bcast_pkts:8 tx_discard_pkts:8 tx_drop_pkts:8 tx_ucast_bytes:8
     tx_mcast_bytes:8 tx_bcast_bytes:8 rx_ucast_pkts:8 rx_mcast_pkts:8 rx_bcast_pkts:8 rx_discard_pkts:8
     rx_drop_pkts:8 rx_ucast_bytes:8 rx_mcast_bytes:8 rx_bcast_bytes:8 rx_agg_pkts:8 rx_agg_bytes:8 rx_agg_events:8
     rx_agg_aborts:8 clear_seq -6`,
  ],
  FUNC_RESOURCE_QCAPS: [
    'fid:2 -6',
    `max_vfs:2 max_msix:2 vf_reservation_strategy:2 min_rsscos_ctx:2 max_rsscos_ctx:2 min_cmpl_rings:2
     max_cmpl_rings:2 min_tx_rings:2 max_tx_rings:2 min_rx_rings:2 max_rx_rings:2 min_l2_ctxs:2 max_l2_ctxs:2
     min_vnics:2 max_vnics:2 min_stat_ctx:2 max_stat_ctx:2 min_hw_ring_grps:2 max_hw_ring_grps:2
     max_tx_scheduler_inputs:2 flags:2 min_msix:2 min_ktls_tx_key_ctxs:4 max_ktls_tx_key_ctxs:4
     min_ktls_rx_key_ctxs:4 max_ktls_rx_key_ctxs:4 min_quic_tx_key_ctxs:4 max_quic_tx_key_ctxs:4
     min_quic_rx_key_ctxs:4 max_quic_rx_key_ctxs:4 -3`,
  ],
  FUNC_BACKING_STORE_QCAPS: [
    '',
    `qp_max_entries:4 qp_min_qp1_entries:2 qp_max_l2_entries:2 qp_entry_size:2 srq_max_l2_entries:2 srq_max_entries:4
     srq_entry_size:2 cq_max_l2_entries:2 cq_max_entries:4 cq_entry_size:2 vnic_max_vnic_entries:2
     vnic_max_ring_table_entries:2 vnic_entry_size:2 stat_max_entries:4 stat_entry_size:2 tqm_entry_size:2
     tqm_min_entries_per_ring:4 tqm_max_entries_per_ring:4 mrav_max_entries:4 mrav_entry_size:2 tim_entry_size:2
     tim_max_entries:4 mrav_num_entries_units:2 tqm_entries_multiple ctx_kind_initializer ctx_init_mask:2
     qp_init_offset srq_init_offset cq_init_offset vnic_init_offset tqm_fp_rings_count stat_init_offset
     mrav_init_offset tqm_fp_rings_count_ext tkc_init_offset rkc_init_offset tkc_entry_size:2 rkc_entry_size:2
     tkc_max_entries:4 rkc_max_entries:4 fast_qpmd_qp_num_entries:2 -5`,
  ],
  FUNC_QSTATS_EXT: [
    'fid:2 flags -1 enables:4 schq_id:2 traffic_class:2 -4',
    `rx_ucast_pkts:8 rx_mcast_pkts:8 rx_bcast_pkts:8 rx_discard_pkts:8 rx_error_pkts:8 rx_ucast_bytes:8
     rx_mcast_bytes:8 rx_bcast_bytes:8 tx_ucast_pkts:8 tx_mcast_pkts:8 tx_bcast_pkts:8 tx_error_pkts:8
     tx_discard_pkts:8 tx_ucast_bytes:8 tx_mcast_bytes:8 tx_bcast_bytes:8 rx_tpa_eligible_pkt:8
     rx_tpa_eligible_bytes:8 rx_tpa_pkt:8 rx_tpa_bytes:8 rx_tpa_errors:8 rx_tpa_events:8 -7`,
  ],
  FUNC_PTP_PIN_QCFG: ['-8', 'num_pins state pin0_usage pin1_usage pin2_usage pin3_usage -1'],
  FUNC_PTP_EXT_QCFG: [
    '-8',
    `phc_master_fid:2 phc_sec_fid:2 phc_active_fid0:2 phc_active_fid1:2 last_failover_event:4 from_fid:2 to_fid:2 -7`,
  ],
  FUNC_BACKING_STORE_QCFG_V2: [
    'type:2 instance:2 -4',
    `type:2 instance:2 flags:4 page_dir:8 num_entries:4 page_size_pbl_level subtype_valid_cnt -2 split_entry_0:4
     split_entry_1:4 split_entry_2:4 split_entry_3:4 -7`,
  ],
  FUNC_BACKING_STORE_QCAPS_V2: [
    'type:2 -6',
    `type:2 entry_size:2 flags:4 instance_bit_map:4 ctx_init_value ctx_init_offset entry_multiple -1
     max_num_entries:4 min_num_entries:4 next_valid_type:2 subtype_valid_cnt exact_cnt_bit_map split_entry_0:4
     split_entry_1:4 split_entry_2:4 split_entry_3:4 -3`,
  ],
};
