/** Register NIC_CAP_REG (0xc00d): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const NIC_CAP_REG = layout('NIC_CAP_REG', 128, [
  ['host_os_init_ctrl_reg', 13, 1, 'RW'],
  ['adp_retx_histogram', 14, 1, 'RO'],
  ['nic_cap_ext_reg', 23, 1, 'RO'],
  ['fw_cpu_monitoring_supported', 24, 1, 'RO'],
  ['vnet_rx_cq_dm_supported', 25, 1, 'RO'],
  ['vhca_icm_ctrl', 26, 1, 'RO'],
  ['cmd_encap_sync_steering', 27, 1, 'RO'],
  ['rcr', 28, 1, 'RO'],
  ['virtio_net_emu_tlv_enable_supported', 29, 1, 'RO'],
  ['ec_boot_options', 30, 1, 'RO'],
  ['ec_time', 31, 1, 'RO'],
  ['fw_cpu_monitoring_enabled', 61, 1, 'RW'],
  ['vnet_rx_cq_dm_enabled', 62, 1, 'RW'],
  ['virtio_net_emu_tlv_enable', 63, 1, 'RW'],
  ['total_icm', 96, 32, 'RO'],
  ['vhca_group_id_max', 176, 16, 'RO'],
]);
