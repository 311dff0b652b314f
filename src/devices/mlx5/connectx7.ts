/**
 * ConnectX-7. The chip's and PCI ids are public; everything else is taken from the measured ConnectX-6 Dx or plausible,
 * and not read from any device: the larger limits, firmware version, board id, MAC, texts, link speed.
 */
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { connectx6dx } from './connectx6dx.ts';
import { NV_CHIP, nvOf } from './nv/nv-of.ts';

/** PTYS: 1 to 400 Gb/s on four lanes (mlx5_core: enum mlx5e_ext_link_mode). The older mask ends at 100. */
const EXTENDED_SPEEDS = 0x0001_3ff2;
/** PPLM: RS(544,514) and, of low latency, (272,257+1). */
const PAM4_FECS = (1 << 7) | (1 << 9);
/** SLTP, SLRG: SerDes of 7 nm. */
const NM7 = 4;
/** PPRT, PPTT: as the ConnectX-6 Dx's, and 106.25 Gb/s. */
const LANE_RATES = 0x7fb;

/** Its description says so. */
const SECURED = { 'fw_info.secured': 1, 'fw_info.signed_fw': 1, 'fw_info.sec_boot': 1 };

/** MPEIN. */
const PCIE_GEN5 = 1 << 5;

const { caps, registers } = connectx6dx;

export const connectx7: Mlx5DeviceProfile = {
  ...connectx6dx,
  name: 'connectx7',
  title: 'ConnectX-7, 400GbE',
  identity: {
    ...connectx6dx.identity,
    num_ports: 1,
    pci_device_id: 0x1021,
    hw_dev_id: 0x218,
    fw_version: '28.43.1014',
    psid: 'MT_0000000838',
    model_name: 'MCX75310AAS-NEA_Ax',
    model_description:
      'ConnectX-7 adapter card; 400GbE; Single-port OSFP; PCIe 5.0 x16; Crypto Disabled; Secure Boot Enabled',
    base_mac: '946dae000000',
  },
  caps: {
    ...caps,
    GENERAL: { ...caps.GENERAL, log_max_qp: 18, log_max_mkey: 25, shampo: 1, log_max_eq: 8 },
    QOS: { ...caps.QOS, packet_pacing_max_rate: 400_000_000 },
    SHAMPO: { shampo_log_max_reservation_size: 5, shampo_log_min_reservation_size: 1, shampo_min_mss_size: 64 },
    ADV_RDMA: {},
  },
  registers: {
    ...registers,
    MGIR: { ...registers.MGIR, ...SECURED },
    NODE_DESC: { node_description: 'MT4129 ConnectX7 Mellanox Technologies' },
    PTYS: {
      ...registers.PTYS,
      ext_eth_proto_capability: EXTENDED_SPEEDS,
      ext_eth_proto_admin: EXTENDED_SPEEDS,
    },
    PPLM: {
      ...registers.PPLM,
      fec_override_cap_100g_1x: PAM4_FECS,
      fec_override_cap_200g_4x: PAM4_FECS,
      fec_override_cap_200g_2x: PAM4_FECS,
      fec_override_cap_400g_4x: PAM4_FECS,
    },
    SLTP: { version: NM7 },
    SLRG: { version: NM7 },
    PPRT: { ...registers.PPRT, lane_rate_cap: LANE_RATES },
    PPTT: { ...registers.PPTT, lane_rate_cap: LANE_RATES },
    PRTL: { rtt_support: 1 },
    MPEIN: {
      ...registers.MPEIN,
      link_speed_enabled: PCIE_GEN5,
      link_speed_active: PCIE_GEN5,
      link_peer_max_speed: PCIE_GEN5,
    },
    // Eight cores that trace (invented).
    MTEIM: { cap_core_main: 8, type_core_main: 1 },
  },
  nv: nvOf(NV_CHIP.CONNECTX7),
  ports: { module: 'optics-osfp' },
  world: { channels: 8, vfs: 4 },
};
