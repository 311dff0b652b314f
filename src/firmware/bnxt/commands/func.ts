/**
 * Requests of the function. Structures: include/linux/bnxt/hsi.h. Values: the profile's, or invented, of the size that
 * a PF's are; none verified. The function is the port's first PF: fid 1, port 0.
 */
import { type CommandTable, type Fields, invented, ofProfile, ofState } from '../command.ts';
import { byteVersion, wordVersion } from './version.ts';

const FID = 1;
/** PTP_SUPPORTED, ROCE_V2, WOL_MAGICPKT, STD_TX_RING_MODE, PCIE_STATS, HOT_RESET, ERROR_RECOVERY, EXT_STATS, COREDUMP,
 * DBG_QCAPS, of FUNC_QCAPS_RESP_FLAGS_*. */
const QCAPS_FLAGS = 0x91c1_0834;
/** ECN_STATS, EXT_HW_STATS, HOT_RESET_IF, NVM_OPTION_ACTION, BS_V2 of FUNC_QCAPS_RESP_FLAGS_EXT_*. */
const QCAPS_FLAGS_EXT = 0x0400_200e;
/** GENERIC_STATS of FUNC_QCAPS_RESP_FLAGS_EXT2_*. */
const QCAPS_FLAGS_EXT2 = 0x20;
const FW_NAMES = ['maj', 'min', 'bld', 'rsvd'];
/** VER_GET_RESP_DEV_CAPS_CFG_*: FW_DCBX_AGENT, SHORT_CMD, KONG_MB_CHNL. */
const DEV_CAPS = 0x16;
/** VER_GET_RESP_FLAGS_EXT_VER_AVAIL. */
const EXT_VER_AVAIL = 2;
const MAX_REQUEST = 128;
const MAX_RESPONSE = 704;
const TIMEOUT_MS = 500;
const MAX_TIMEOUT_S = 60;

/** Kinds of backing store, by type: bytes of an entry, most entries. FUNC_BACKING_STORE_QCAPS_V2_REQ_TYPE_*. */
const BACKING_STORES: ReadonlyMap<number, readonly [bytes: number, entries: number]> = new Map([
  [0x0, [512, 65536]],
  [0x1, [64, 8192]],
  [0x2, [32, 65536]],
  [0x3, [16, 4096]],
  [0x4, [160, 4096]],
  [0x5, [8, 65536]],
  [0x6, [8, 65536]],
  [0xe, [64, 131072]],
  [0xf, [8, 65536]],
]);
const BACKING_TYPES = [...BACKING_STORES.keys()];
const NO_MORE_TYPES = 0xffff;

export const FUNC_COMMANDS: CommandTable = {
  VER_GET: ofProfile(({ values }) => ({
    ...byteVersion('hwrm_intf', values.hwrm_intf, ['maj', 'min', 'upd', 'rsvd']),
    ...byteVersion('hwrm_fw', values.hwrm_fw, FW_NAMES),
    ...byteVersion('mgmt_fw', values.mgmt_fw, FW_NAMES),
    ...byteVersion('netctrl_fw', values.netctrl_fw, FW_NAMES),
    ...byteVersion('roce_fw', values.roce_fw, FW_NAMES),
    ...wordVersion('hwrm_intf', values.hwrm_intf),
    ...wordVersion('hwrm_fw', values.hwrm_fw),
    ...wordVersion('mgmt_fw', values.mgmt_fw),
    ...wordVersion('netctrl_fw', values.netctrl_fw),
    ...wordVersion('roce_fw', values.roce_fw),
    dev_caps_cfg: DEV_CAPS,
    hwrm_fw_name: 'CHIMP',
    mgmt_fw_name: 'APE',
    netctrl_fw_name: 'NETCTRL',
    roce_fw_name: 'ROCE',
    active_pkg_name: values.package,
    chip_num: values.chip_num,
    chip_rev: values.chip_rev,
    chip_metal: values.chip_metal,
    chip_bond_id: values.chip_bond_id,
    max_req_win_len: MAX_REQUEST,
    max_resp_len: MAX_RESPONSE,
    def_req_timeout: TIMEOUT_MS,
    flags: EXT_VER_AVAIL,
    always_1: 1,
    max_ext_req_len: MAX_REQUEST,
    max_req_timeout: MAX_TIMEOUT_S,
  })),
  // registers of the health block are where bnxt_en looks for them: invented places in the GRC space
  ERROR_RECOVERY_QCFG: invented({
    flags: 1,
    driver_polling_freq: 10,
    master_func_wait_period: 20,
    normal_func_wait_period: 40,
    master_func_wait_period_after_reset: 60,
    max_bailout_time_after_reset: 200,
    fw_health_status_reg: 0x3100_0101,
    fw_heartbeat_reg: 0x3100_0105,
    fw_reset_cnt_reg: 0x3100_0109,
    reset_inprogress_reg: 0x3100_010d,
    reset_inprogress_reg_mask: 0x4,
    reg_array_cnt: 1,
    'reset_reg[0]': 0x3100_0111,
    'reset_reg_val[0]': 1,
    err_recovery_cnt_reg: 0x3100_0115,
  }),
  FUNC_RESET: ofState((device) => {
    device.traffic.clear();
    return {};
  }),
  FUNC_QCAPS: ofProfile(({ values: { limits, mac, serial } }) => ({
    fid: FID,
    flags: QCAPS_FLAGS,
    mac_address: BigInt(`0x${mac}`),
    max_rsscos_ctx: limits.rsscos_ctx,
    max_cmpl_rings: limits.cmpl_rings,
    max_tx_rings: limits.tx_rings,
    max_rx_rings: limits.rx_rings,
    max_l2_ctxs: limits.l2_ctxs,
    max_vnics: limits.vnics,
    first_vf_id: 0x100,
    max_vfs: limits.vfs,
    max_stat_ctx: limits.stat_ctx,
    max_mcast_filters: limits.mcast_filters,
    max_hw_ring_grps: limits.hw_ring_grps,
    max_sp_tx_rings: limits.sp_tx_rings,
    max_msix_vfs: limits.msix,
    flags_ext: QCAPS_FLAGS_EXT,
    max_schqs: 8,
    flags_ext2: QCAPS_FLAGS_EXT2,
    device_serial_number: BigInt(`0x${serial}`),
    max_tso_segs: 128,
  })),
  FUNC_QCFG: ofProfile(({ values: { limits, mac } }) => ({
    fid: FID,
    mac_address: BigInt(`0x${mac}`),
    pci_id: 0,
    alloc_rsscos_ctx: 2,
    alloc_cmpl_rings: Math.min(74, limits.cmpl_rings),
    alloc_tx_rings: Math.min(74, limits.tx_rings),
    alloc_rx_rings: Math.min(148, limits.rx_rings),
    alloc_l2_ctx: 1,
    alloc_vnics: 1,
    mru: 1522,
    port_pf_cnt: 1,
    max_mtu_configured: limits.mtu,
    evb_mode: 1,
    alloc_hw_ring_grps: Math.min(74, limits.hw_ring_grps),
    alloc_stat_ctx: Math.min(74, limits.stat_ctx),
    alloc_msix: Math.min(75, limits.msix),
    always_1: 1,
    // PCIe 4.0 x16
    max_link_width: 16,
    max_link_speed: 4,
    negotiated_link_width: 16,
    negotiated_link_speed: 4,
  })),
  FUNC_QSTATS: ofState(({ traffic, values }) => {
    const { rxFrames, txFrames, rxBytes, txBytes } = traffic.count(values);
    return { rx_ucast_pkts: rxFrames, rx_ucast_bytes: rxBytes, tx_ucast_pkts: txFrames, tx_ucast_bytes: txBytes };
  }),
  FUNC_QSTATS_EXT: ofState(({ traffic, values }) => {
    const { rxFrames, txFrames, rxBytes, txBytes } = traffic.count(values);
    return { rx_ucast_pkts: rxFrames, rx_ucast_bytes: rxBytes, tx_ucast_pkts: txFrames, tx_ucast_bytes: txBytes };
  }),
  FUNC_RESOURCE_QCAPS: ofProfile(({ values: { limits } }) => ({
    max_vfs: limits.vfs,
    max_msix: limits.msix,
    vf_reservation_strategy: 1,
    min_rsscos_ctx: 1,
    max_rsscos_ctx: limits.rsscos_ctx,
    min_cmpl_rings: 1,
    max_cmpl_rings: limits.cmpl_rings,
    min_tx_rings: 1,
    max_tx_rings: limits.tx_rings,
    min_rx_rings: 1,
    max_rx_rings: limits.rx_rings,
    min_l2_ctxs: 1,
    max_l2_ctxs: limits.l2_ctxs,
    min_vnics: 1,
    max_vnics: limits.vnics,
    min_stat_ctx: 1,
    max_stat_ctx: limits.stat_ctx,
    min_hw_ring_grps: 1,
    max_hw_ring_grps: limits.hw_ring_grps,
    max_tx_scheduler_inputs: 8,
  })),
  FUNC_BACKING_STORE_QCAPS: invented({
    qp_max_entries: 65536,
    qp_min_qp1_entries: 4,
    qp_max_l2_entries: 1024,
    qp_entry_size: 512,
    srq_max_l2_entries: 256,
    srq_max_entries: 8192,
    srq_entry_size: 64,
    cq_max_l2_entries: 2048,
    cq_max_entries: 65536,
    cq_entry_size: 32,
    vnic_max_vnic_entries: 4096,
    vnic_max_ring_table_entries: 4096,
    vnic_entry_size: 16,
    stat_max_entries: 4096,
    stat_entry_size: 160,
    tqm_entry_size: 8,
    tqm_min_entries_per_ring: 32,
    tqm_max_entries_per_ring: 65536,
    mrav_max_entries: 131072,
    mrav_entry_size: 64,
    tim_entry_size: 8,
    tim_max_entries: 65536,
    tqm_entries_multiple: 16,
    tqm_fp_rings_count: 9,
  }),
  FUNC_BACKING_STORE_QCAPS_V2: {
    values: 'invented',
    execute(_device, call) {
      const type = call.get('type');
      const [entry_size = 0, max_num_entries = 0] = BACKING_STORES.get(type) ?? [];
      const next = BACKING_TYPES.find((other) => other > type) ?? NO_MORE_TYPES;
      const valid: Fields =
        entry_size === 0 ? {} : { flags: 1, instance_bit_map: 1, min_num_entries: 16, entry_multiple: 1 };
      return { type, entry_size, max_num_entries, next_valid_type: next, ...valid };
    },
  },
  FUNC_BACKING_STORE_QCFG_V2: {
    values: 'invented',
    execute(_device, call) {
      const type = call.get('type');
      return { type, instance: call.get('instance'), num_entries: BACKING_STORES.get(type)?.[1] ?? 0 };
    },
  },
  FUNC_PTP_PIN_QCFG: invented({ num_pins: 4, state: 0xf }),
  FUNC_PTP_EXT_QCFG: invented({
    phc_master_fid: FID,
    phc_sec_fid: 0xffff,
    phc_active_fid0: FID,
    phc_active_fid1: 0xffff,
  }),
};
