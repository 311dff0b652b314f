/**
 * A ConnectX-6 Dx's registers at power-up but those of its own values (connectx6dx.ts). Plausible, read from no device;
 * feature mask bits: mlx5_ifc.h (mlx5_ifc_mcam_enhanced_features_bits, mlx5_ifc_pcam_enhanced_features_bits).
 */
import type { FieldValues } from '../../../abi/mlx5/device-profile.ts';

/** FECs by number, as bits: 0 none, 1 firecode, 2 RS(528,514), 7 RS(544,514), 9 (272,257+1) of low latency. */
const FECS_100G = 0b101;
const FECS_25G = 0b111;
const FECS_10G = 0b011;
const PAM4_FECS = (1 << 7) | (1 << 9);
/** 1.25 to 53.125 Gb/s a lane but XAUI's: bits of PPRT.lane_rate_cap (PRM). */
const LANE_RATES = 0x3fb;
/** PRBS31 to IDLE, square wave, PRBS13; the sender all square waves, SSPR, SSPRQ, PRBS15 and 28 too. */
const RX_PATTERNS = 0x001e_3fff;
const TX_PATTERNS = 0x037f_ffff;
/** QEEC: shaper disabled. */
const NO_LIMIT = 0x7fff_ffff;
/** As mstlink reads it. */
const PCIE_GEN4 = 1 << 4;

export const REGISTERS: Readonly<Record<string, FieldValues>> = {
  // mcia_32dwords, out_pulse_duration_ns, npps_period; reset_state, pci_status_and_power, dynamic_tx_overflow,
  // pcie_outbound_stalled, tx_overflow_buffer_pkt, mtpps_enh_out_per_adj, mtpps_fs, pcie_performance_group.
  MCAM: { 'mng_feature_cap_mask[2]': 0x7, 'mng_feature_cap_mask[3]': 0x22021f },
  // fec_50G_per_lane_in_pplm, rx_icrc_encapsulated_counter, ptys_extended_ethernet, pfcc_mask, per_lane_error_counters,
  // rx_buffer_fullness_counters, ptys_connector_type, ppcnt_discard_group, ppcnt_statistical_group.
  PCAM: { 'feature_cap_mask[3]': 0x84_223b },
  // qpts_trust_both.
  QCAM: { 'qos_feature_cap_mask[3]': 1 },
  SBCAM: {
    cap_total_buffer_size: 0x80000,
    cap_cell_size: 128,
    cap_max_pg_buffers: 8,
    cap_num_pool_supported: 4,
    cap_sbsr_stat_size: 4,
    cap_max_tclass_sb: 8,
  },
  SBPR: { size: 0x1000, mode: 1 },
  SBCM: { min_buff: 0, max_buff: 8 },
  // Trust PCP.
  QPTS: { trust_state: 1 },
  DCBX_PARAM: {
    dcbx_ieee_cap: 1,
    dcbx_cee_cap: 1,
    max_application_table_size: 20,
    version_oper: 1,
    version_admin: 1,
    num_of_tc_oper: 8,
    num_of_tc_admin: 8,
    pfc_cap_oper: 8,
    pfc_cap_admin: 8,
  },
  // Cells of 128 bytes; one lossy buffer for all priorities.
  PBMC: { port_buffer_size: 0x1000, xoff_timer_value: 0xffff, 'buffer[0].lossy': 1, 'buffer[0].size': 0xf00 },
  PVLC: { vl_hw_cap: 1, vl_admin: 1, vl_operational: 1 },
  PMAOS: { admin_status: 1 },
  PPLM: {
    fec_override_cap_100g: FECS_100G,
    fec_override_cap_50g: FECS_25G,
    fec_override_cap_25g: FECS_25G,
    fec_override_cap_10g_40g: FECS_10G,
    fec_override_cap_50g_1x: PAM4_FECS,
    fec_override_cap_100g_2x: PAM4_FECS,
  },
  PPRT: { ls: 1, p_c: 1, lane_rate_oper: 5, lane_rate_cap: LANE_RATES, prbs_modes_cap: RX_PATTERNS },
  PPTT: { ls: 1, p_c: 1, lane_rate_admin: 5, lane_rate_cap: LANE_RATES, prbs_modes_cap: TX_PATTERNS },
  QEEC: { max_shaper_rate: NO_LIMIT },
  // Slow restart, its idle form, the transmission window and adaptive retransmission can be set; all but the last off.
  ROCE_ACCL: {
    roce_adp_retrans_field_select: 1,
    roce_tx_window_field_select: 1,
    roce_slow_restart_field_select: 1,
    roce_slow_restart_idle_field_select: 1,
    min_ack_timeout_limit_disabled_field_select: 1,
    adaptive_routing_forced_en_field_select: 1,
    selective_repeat_forced_en_field_select: 1,
    roce_adp_retrans_en: 1,
    roce_tx_window_en: 0,
    roce_slow_restart_en: 1,
  },
  // No limit; 8 GB of pages of 4 KB (invented).
  VHCA_ICM_CTRL: { max_alloc_icm_th: 0xffff_ffff },
  NIC_CAP_REG: { vhca_icm_ctrl: 1, rcr: 1, total_icm: 0x20_0000 },
  // Monitoring is on and finds nothing: bit 0, the error rate after FEC.
  PPBMC: { monitor_type: 1, monitor_cntl: 2, monitor_state: 1, clr_cap: 1 },
  // 10^-12 alarms, 10^-13 warns, 10^-14 is normal; every 100 ms.
  PPBMP: {
    'monitor_parameters.ppbmp_monitor_parameters_ext.alarm_th_mantissa': 1,
    'monitor_parameters.ppbmp_monitor_parameters_ext.alarm_th_exp': 12,
    'monitor_parameters.ppbmp_monitor_parameters_ext.warning_th_mantissa': 1,
    'monitor_parameters.ppbmp_monitor_parameters_ext.warning_th_exp': 13,
    'monitor_parameters.ppbmp_monitor_parameters_ext.normal_th_mantissa': 1,
    'monitor_parameters.ppbmp_monitor_parameters_ext.normal_th_exp': 14,
    'monitor_parameters_cap.th_cap_exp_max': 20,
    'monitor_parameters_cap.th_cap_exp_min': 5,
    time_window_set_cap: 1,
    time_window: 100,
    sampling_rate: 10,
  },
  // SerDes of 16 nm.
  SLTP: { version: 3 },
  SLRG: { version: 3 },
  PPAOS: { phy_status_admin: 1 },
  PPCR: { aggregated_port: 1 },
  PMTM: { module_type: 2 },
  MLCR: { operation_cap: 1 },
  // Two strings' databases, as the driver's tracer expects at least one.
  MTRC_CAP: {
    num_string_db: 2,
    first_string_trace: 0,
    num_string_trace: 2,
    log_max_trace_buffer_size: 5,
    'string_db_param[0].string_db_base_address': 0x1000,
    'string_db_param[0].string_db_size': 0x8000,
    'string_db_param[1].string_db_base_address': 0x9000,
    'string_db_param[1].string_db_size': 0x8000,
  },
  // As mstflint q prints of an MCX623106AN: no signature is asked for; expansion ROMs: FlexBoot for AMD64 (1), UEFI for
  // AMD64 and AARCH64 (3). Their versions are of the firmware's time, and invented.
  MGIR: {
    'sw_info.rom0_type': 1,
    'sw_info.rom0_arch': 1,
    'sw_info.rom0_version.major': 3,
    'sw_info.rom0_version.minor': 7,
    'sw_info.rom0_version.build': 500,
    'sw_info.rom1_type': 2,
    'sw_info.rom1_arch': 3,
    'sw_info.rom1_version.major': 14,
    'sw_info.rom1_version.minor': 36,
    'sw_info.rom1_version.build': 16,
  },
  MPEIN: {
    link_width_enabled: 16,
    link_speed_enabled: PCIE_GEN4,
    link_width_active: 16,
    link_speed_active: PCIE_GEN4,
    num_of_pfs: 1,
    num_of_vfs: 8,
    bdf0: 0x50,
    // 512 and 256 bytes.
    max_read_request_size: 2,
    max_payload_size: 1,
    link_peer_max_speed: PCIE_GEN4,
    pwr_status: 1,
    pci_power: 75,
  },
  // 0000:00:0a.0, the place of the default device.
  MPIR: { host_buses: 1, secondary_bus: 0, subordinate_bus: 0, bus: 0, device: 10 },
  MTPPS: {
    cap_number_of_pps_pins: 2,
    cap_max_num_of_pps_in_pins: 1,
    cap_max_num_of_pps_out_pins: 1,
    cap_log_min_npps_period: 10,
    cap_log_min_out_pulse_duration_ns: 10,
    // Bit 0: in, bit 1: out.
    cap_pin_0_mode: 1,
    cap_pin_1_mode: 2,
  },
  MTUTC: { time_stamp_mode: 1, time_stamp_state: 1, log_max_freq_adjustment: 20, log_max_phase_adjustment: 16 },
};
