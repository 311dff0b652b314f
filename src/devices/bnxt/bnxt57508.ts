/**
 * Data table. A BCM57508 (14e4:1750 of pci.ids), two ports of which this is the first. Versions, serial numbers, limits
 * and temperatures are invented, of the size that a card's are; no value is taken from hardware, and none is verified.
 * NVM options: those that bnxt_devlink.h knows by number.
 */
import type { BnxtProfile } from '../../abi/bnxt/profile-shape.ts';

const EMPTY = { file: '', data: '', text: '', length: 0, ext: 0, attr: 0 };

export const BNXT57508: BnxtProfile = {
  name: 'bnxt57508',
  title: 'BCM57508 NetXtreme-E, 100 Gb/s',
  values: {
    chip_num: 0x1750,
    chip_rev: 1,
    chip_metal: 0,
    chip_bond_id: 0,
    hwrm_intf: '1.10.3.151',
    hwrm_fw: '230.0.153.0',
    mgmt_fw: '230.0.153.0',
    netctrl_fw: '230.0.153.0',
    roce_fw: '230.0.153.0',
    package: '230.1.116.0',
    mac: '84160c3d2a10',
    serial: '84160cfffe3d2a10',
    pci: { device: 0x1750, subsystem_vendor: 0x14e4, subsystem_device: 0x2100, revision: 0x11 },
    temp: 52,
    phy_temp: 48,
    om_temp: 38,
    threshold: { warn: 95, critical: 105, fatal: 110, shutdown: 115 },
    link: { state: 2, speed: 1000, pause: 3, fec: 2, media: 3, phy_type: 0x10, down_reason: 0 },
    module: {
      status: 0,
      vendor: 'EMULATED',
      part_number: 'EMU-100G-SR4',
      revision: 'A0',
      serial_number: 'EMU0000000000001',
      date: '260101',
    },
    traffic: { rx_frames: 12_000, tx_frames: 9000, frame_bytes: 1024 },
    limits: {
      rsscos_ctx: 256,
      cmpl_rings: 1024,
      tx_rings: 512,
      rx_rings: 512,
      l2_ctxs: 64,
      vnics: 256,
      vfs: 16,
      stat_ctx: 512,
      mcast_filters: 64,
      hw_ring_grps: 512,
      sp_tx_rings: 16,
      msix: 146,
      mtu: 9600,
    },
    nvm: {
      manufacturer_id: 0xef,
      device_id: 0x6018,
      sector_size: 4096,
      size: 8 * 1024 * 1024,
      entries: {
        // a line of bnxnvm_pkglog_field_index: installed, description, version, made, checksum, items, mask
        'PKG_LOG:0': {
          ...EMPTY,
          text: '2026-01-01 00:00:00\tEmulated\t230.1.116.0\t2025-12-01 00:00:00\t0x00000000\t3\t0x7\n',
        },
        'BOOTCODE:0': { ...EMPTY, length: 65536 },
        'VPD:0': { ...EMPTY, length: 512 },
        'BOOTCODE_2:0': { ...EMPTY, length: 131072 },
        'PCI_CFG:0': { ...EMPTY, length: 256 },
        'SHARED_CFG:0': { ...EMPTY, length: 4096, attr: 2 },
        'PORT_CFG:0': { ...EMPTY, length: 4096, attr: 2 },
        'FUNC_CFG:0': { ...EMPTY, length: 4096, attr: 2 },
      },
      variables: {
        // NVM_OFF_MSIX_VEC_PER_PF_MAX, _MIN, RDMA_CAPABLE, IGNORE_ARI, DIS_GRE_VER_CHECK, ENABLE_SRIOV, SUPPORT_RDMA
        '108': '4a00',
        '114': '1000',
        '161': '01',
        '164': '00',
        '171': '00',
        '401': '01',
        '506': '01',
        // NVM_CFG_VER: 1.0.0, in bits that bnxt_devlink.c takes apart
        '602': '01000000',
      },
    },
    coredump: {
      '1:0': { length: 4096, data: '', version: 0x0100 },
      '1:1': { length: 10_000, data: '', version: 0x0100 },
      '3:0': { length: 20_480, data: '', version: 0x0100 },
    },
    hwrm: {},
  },
};
