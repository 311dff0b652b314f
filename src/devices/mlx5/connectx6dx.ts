/**
 * ConnectX-6 Dx. Measured on a real device (README of mlx5ctl): the capabilities but for those marked, DTOR, NODE_DESC.
 * The chip's and PCI ids are public. The rest is plausible, read from no device: firmware version, board id, MAC,
 * texts, link state, temperatures, special contexts, the capabilities of connectx6dx/offloads.ts and steering.ts.
 * Capability types with an empty record are those that the board has not: all zero.
 */
import type { FieldValues, Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { UCTX_CAP } from '../../abi/mlx5/headers.ts';
import { DEBUG } from './connectx6dx/debug.ts';
import { ETHERNET_OFFLOADS } from './connectx6dx/ethernet-offloads.ts';
import { GENERAL } from './connectx6dx/general.ts';
import { ATOMIC, DEV_EVENT, DEV_MEM, ODP } from './connectx6dx/offloads.ts';
import { QOS } from './connectx6dx/qos.ts';
import { REGISTERS } from './connectx6dx/registers.ts';
import { ROCE } from './connectx6dx/roce.ts';
import { ESWITCH, ESWITCH_FLOW_TABLE, FLOW_TABLE } from './connectx6dx/steering.ts';
import { VIRTIO_EMULATION } from './connectx6dx/virtio-emulation.ts';
import { NV_CHIP, nvOf } from './nv/nv-of.ts';

/** What the README does not print of GENERAL, and an fwctl device must have or a diagnostic tool needs. */
const generalUnprinted: FieldValues = {
  // RAW_TX and INTERNAL_DEV_RES as the README's old `dev_uctx_cap 3`; TOOLS_RESOURCES is what fwctl looks for.
  uctx_cap: UCTX_CAP.RAW_TX | UCTX_CAP.INTERNAL_DEV_RES | UCTX_CAP.TOOLS_RESOURCES,
  // Invented; 600 contexts at once were seen on a real kernel's mock.
  log_max_uctx: 16,
  // README, diagcnt: 1000000 kHz.
  device_frequency_khz: 1_000_000,
};

/** An EN board: its ports do not speak InfiniBand. A board without crypto (MCX623106AN-CDA, not -CDAT): all 0. */
const NO_INFINIBAND: FieldValues = {};
const NO_CRYPTO: FieldValues = {};

/** Ethernet speed bits of PTYS (mlx5_core: mlx5e_ext_link_mode, mlx5e_link_mode): 1 to 100 Gb/s. */
const EXTENDED_SPEEDS = 0x0000_07f2;
const LEGACY_SPEEDS = 0xf870_30d2;

/** DTOR: a timeout in seconds has multiplier 1 (README). */
const SECONDS = 1;

export const connectx6dx: Mlx5DeviceProfile = {
  name: 'connectx6dx',
  title: 'ConnectX-6 Dx, 100GbE',
  identity: {
    pci_device_id: 0x101d,
    hw_dev_id: 0x212,
    hw_revision: 0,
    num_ports: 2,
    fw_version: '22.43.1014',
    fw_date: '2024-11-05',
    psid: 'MT_0000000359',
    model_name: 'MCX623106AN-CDA_Ax',
    model_description: 'ConnectX-6 Dx EN adapter card; 100GbE; Dual-port QSFP56; PCIe 4.0 x16',
    vsd: '',
    base_mac: '0c42a1000000',
  },
  caps: {
    GENERAL: { ...GENERAL, ...generalUnprinted },
    ETHERNET_OFFLOADS,
    ODP,
    ATOMIC,
    ROCE,
    IPOIB_OFFLOADS: NO_INFINIBAND,
    IPOIB_ENHANCED_OFFLOADS: NO_INFINIBAND,
    FLOW_TABLE,
    ESWITCH_FLOW_TABLE,
    ESWITCH,
    QOS,
    DEBUG,
    DEV_MEM,
    TLS: NO_CRYPTO,
    VDPA_EMULATION: VIRTIO_EMULATION,
    DEV_EVENT,
    IPSEC: NO_CRYPTO,
    CRYPTO: NO_CRYPTO,
    MACSEC: NO_CRYPTO,
    GENERAL_2: {
      max_reformat_insert_size: 128,
      max_reformat_insert_offset: 254,
      max_reformat_remove_size: 128,
      max_reformat_remove_offset: 254,
    },
    PORT_SELECTION: { port_select_flow_table: 1 },
    // The README's values: it prints this structure as VDPA_EMULATION, today's mlx5ctl asks for it as this type.
    ADV_VIRTUALIZATION: VIRTIO_EMULATION,
  },
  capsMax: {},
  registers: {
    ...REGISTERS,
    NODE_DESC: { node_description: 'MT4125 ConnectX6Dx Mellanox Technologies' },
    DTOR: {
      'pcie_toggle_to.to_multiplier': SECONDS,
      'pcie_toggle_to.to_value': 2,
      'health_poll_to.to_multiplier': SECONDS,
      'health_poll_to.to_value': 2,
      'full_crdump_to.to_multiplier': SECONDS,
      'full_crdump_to.to_value': 60,
      'fw_reset_to.to_multiplier': SECONDS,
      'fw_reset_to.to_value': 60,
      'flush_on_err_to.to_multiplier': SECONDS,
      'flush_on_err_to.to_value': 2,
      'pci_sync_update_to.to_multiplier': SECONDS,
      'pci_sync_update_to.to_value': 2,
      'tear_down_to.to_multiplier': SECONDS,
      'tear_down_to.to_value': 10,
      'fsm_reactivate_to.to_multiplier': SECONDS,
      'fsm_reactivate_to.to_value': 5,
      'reclaim_pages_to.to_multiplier': SECONDS,
      'reclaim_pages_to.to_value': 5,
      'reclaim_vfs_pages_to.to_multiplier': SECONDS,
      'reclaim_vfs_pages_to.to_value': 120,
    },
    // What runs of it the module says (ports.module): 100 Gb/s on four lanes.
    PTYS: {
      an_disable_cap: 1,
      ext_eth_proto_capability: EXTENDED_SPEEDS,
      ext_eth_proto_admin: EXTENDED_SPEEDS,
      eth_proto_capability: LEGACY_SPEEDS,
    },
    // Up by configuration; 1 in oper_status: nobody has cut the link.
    PAOS: { admin_status: 1, oper_status: 1 },
    PMTU: { max_mtu: 10240, admin_mtu: 1522, oper_mtu: 1522 },
    PMLP: {
      width: 4,
      'lane_module_mapping[1].tx_lane': 1,
      'lane_module_mapping[1].rx_lane': 1,
      'lane_module_mapping[2].tx_lane': 2,
      'lane_module_mapping[2].rx_lane': 2,
      'lane_module_mapping[3].tx_lane': 3,
      'lane_module_mapping[3].rx_lane': 3,
    },
    PFCC: { pptx: 1, pprx: 1 },
    PPLR: { lb_cap: 0x6 },
    PCMR: { fcs_cap: 1, rx_fcs_drop_cap: 1, fcs_chk: 1 },
    MTCAP: { sensor_count: 1, internal_sensor_count: 1, 'sensor_map.lo': 1 },
    // Units of 0.125 degrees Celsius: 52 now, 58 at most so far, threshold 105. Name `asic`.
    MTMP: {
      temperature: 416,
      max_temperature: 464,
      mte: 1,
      temperature_threshold_hi: 840,
      temperature_threshold_lo: 800,
      sensor_name_hi: 0x61736963,
    },
    // Levels 3 (PCI reset) and 4 (warm reboot), of the full chip; by the tool or the driver, with the link disabled: as
    // mstfwreset prints of such cards.
    MFRL: { reset_type: 1, reset_trigger: 0x48 },
    MROQ: { query_is_valid: 1, reset_trigger: 0x48, pci_sync_for_fw_update_start: 0b11, pci_reset_req_method: 0b1 },
  },
  nv: nvOf(NV_CHIP.CONNECTX6DX),
  special_contexts: { dump_fill_mkey: 0x100, resd_lkey: 0x700, null_mkey: 0x200 },
  ports: { module: 'copper-qsfp28' },
  world: { channels: 4, vfs: 2 },
};
