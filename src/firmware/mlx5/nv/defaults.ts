/**
 * The non-volatile configuration as the factory left it; a TLV that is not here is all zero. The first values are those
 * of a ConnectX-6 Lx (public outputs of mstconfig: default, current and next alike), the others are invented.
 * Capability TLVs say yes to every yes-or-no question that mstconfig asks of them; their numbers are 0.
 * Data table.
 */

/** [TLV, parameter, bit offset MSB first, bits, value] */
export const NV_PARAMETERS: readonly (readonly [string, string, number, number, number])[] = [
  ['nv_crypto_conf', 'CRYPTO_POLICY', 0, 8, 1],
  ['nv_external_port_ctrl', 'PORT_OWNER', 31, 1, 1],
  ['nv_external_port_ctrl', 'ALLOW_RD_COUNTERS', 30, 1, 1],
  ['nv_external_port_ctrl', 'RENEG_ON_CHANGE', 29, 1, 1],
  ['nv_external_port_ctrl', 'TRACER_ENABLE', 28, 1, 1],
  ['nv_sw_offload_conf', 'UCTX_EN', 23, 1, 1],
  ['nv_sw_offload_conf', 'LRO_LOG_TIMEOUT0', 60, 4, 6],
  ['nv_memic_conf', 'MEMIC_SIZE_LIMIT', 20, 4, 1],
  ['nv_roce_1_5_conf', 'ROCE_NEXT_PROTOCOL', 24, 8, 254],
  // Invented.
  ['nv_global_pci_cap', 'max_vfs_per_pf', 48, 16, 127],
  ['nv_global_pci_cap', 'max_num_pfs', 40, 8, 2],
  ['nv_global_pci_cap', 'max_log_vf_uar_bar_size', 84, 6, 7],
  ['nv_global_pci_cap', 'max_log_pf_uar_bar_size', 90, 6, 7],
  ['nv_global_pci_cap', 'max_num_pf_msix', 74, 10, 63],
  ['nv_global_pci_cap', 'max_num_vf_msix', 64, 10, 63],
  ['nv_global_pci_cap', 'max_total_msix', 96, 32, 8192],
  ['nv_global_pci_cap', 'max_total_bar', 128, 32, 8192],
  ['nv_base_mac_guid_cap', 'num_of_allocated_macs', 48, 16, 16],
  ['nv_base_mac_guid_cap', 'num_of_allocated_guids', 32, 16, 16],
  ['nv_global_pci_conf', 'SRIOV_EN', 32, 1, 1],
  ['nv_global_pci_conf', 'NUM_OF_VFS', 48, 16, 8],
  ['nv_global_pci_conf', 'NUM_OF_PF', 40, 8, 1],
  ['nv_vpi_link_type', 'LINK_TYPE', 28, 2, 2],
  ['nv_pci_conf', 'EXP_ROM_PXE_ENABLE', 5, 1, 1],
  ['nv_pci_conf', 'EXP_ROM_UEFI_x86_ENABLE', 6, 1, 1],
  ['nv_global_pci_conf', 'VF_LOG_BAR_SIZE', 84, 6, 1],
];

/** TLV -> data in hex. */
export const NV_CAPABILITIES: Readonly<Record<string, string>> = {
  nv_memic_cap: '00018000',
  nv_host_chaining_cap: 'c000000000000000',
  nv_fpga_cap: '80000000',
  nv_internal_cpu_cap: 'fbc00000000000000000000000000000',
  nv_flex_parser_cap: 'fff00001000000000000000000000000',
  nv_global_pci_cap: 'ffefff80fc000000000000000000000000000000',
  nv_power_cap: '7ba80000',
  nv_emulation_nvme_cap: 'c000000000000000',
  nv_emulation_pci_switch_cap: 'c000000000000000',
  nv_emulation_virtio_net_cap: 'e0000000000000000000000000000000',
  nv_emulation_virtio_blk_cap: 'e0000000000000000000000000000000',
  nv_emulation_virtio_fs_cap: 'c0000000000000000000000000000000',
  nv_emulation_tlp_cap: '80000000000000000000000000000000',
  nv_dpa_boot_cap: '0f00000000000000000000000000000000000000000000000000000000000000',
  nv_rom_ini: 'ffe03f0e0000000000000000c030fc00',
  nv_rom_cap: 'fee00000',
  nv_sw_offload_cap: 'dffffdc0',
  nv_global_pci_cap_3:
    '880088008800880088008800880088000000000000000000000000000000000000000000000000000000000000000000',
  nv_pcc_int_cap: 'fffe0000000000000000000000000000',
  nv_performance_tuning_cap: 'ffff8000000000000000000000000000',
  nv_global_roce_cc_cap: 'ffe00000',
  nv_nvmf_target_cap: '80000000',
  nv_lldp_nb_cap: '080000000000000000000000',
  nv_qos_cap: '83c00000',
  nv_mpfs_cap: 'b8000000',
  nv_link_phy_cap: 'ffe00000',
  nv_wol_cap: '00000400',
  nv_emulation_mng_nvme_cap: 'c000000000000000',
  nv_emulation_mng_pci_switch_cap: 'c000000000000000',
  nv_emulation_mng_virtio_net_cap: 'c0000000000000000000000000000000',
  nv_emulation_mng_virtio_blk_cap: 'c0000000000000000000000000000000',
  nv_emulation_mng_virtio_fs_cap: 'c0000000000000000000000000000000',
  nv_hca_cap: '9e000000',
  nv_ecpf_cap: 'f0000000000000000000000000000000',
  nv_pci_cap: 'fffff000',
  nv_host_priv_cap: '3000000f',
  nv_host_sw_accelerate_cap: '80000000',
};
