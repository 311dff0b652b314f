/**
 * BlueField-3, the DPU's own function as the Arm cores see it (ECPF). The chip's and PCI ids are public; everything
 * else is taken from the ConnectX-7 profile or plausible, and not read from any device.
 */
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { connectx7 } from './connectx7.ts';
import { NV_CHIP, nvOf } from './nv/nv-of.ts';

const { caps, registers } = connectx7;

export const bluefield3: Mlx5DeviceProfile = {
  ...connectx7,
  name: 'bluefield3',
  title: 'BlueField-3, 400GbE DPU',
  identity: {
    ...connectx7.identity,
    num_ports: 2,
    pci_device_id: 0xa2dc,
    hw_dev_id: 0x21c,
    fw_version: '32.43.1014',
    psid: 'MT_0000000884',
    model_name: '900-9D3B6-00CV-A_Ax',
    model_description:
      'NVIDIA BlueField-3 B3220 P-Series DPU; 200GbE/NDR200; Dual-port QSFP112; PCIe 5.0 x16; 16 Arm cores',
    base_mac: 'a088c2000000',
  },
  caps: {
    ...caps,
    ESWITCH: {
      ...caps.ESWITCH,
      ecpf_vport_exists: 1,
      esw_functions_changed: 1,
      merged_eswitch: 1,
      esw_shared_ingress_acl: 1,
    },
    // A DPU with crypto: TLS, IPsec and MACsec in hardware.
    TLS: { tls_1_2_aes_gcm_128: 1, tls_1_3_aes_gcm_128: 1, tls_1_2_aes_gcm_256: 1, tls_1_3_aes_gcm_256: 1 },
    IPSEC: {
      ipsec_full_offload: 1,
      ipsec_crypto_offload: 1,
      ipsec_esn: 1,
      ipsec_crypto_esp_aes_gcm_256_encrypt: 1,
      ipsec_crypto_esp_aes_gcm_128_encrypt: 1,
      ipsec_crypto_esp_aes_gcm_256_decrypt: 1,
      ipsec_crypto_esp_aes_gcm_128_decrypt: 1,
      log_max_ipsec_offload: 16,
      min_log_ipsec_full_replay_window: 5,
      max_log_ipsec_full_replay_window: 8,
    },
    MACSEC: {
      macsec_epn: 1,
      macsec_crypto_esp_aes_gcm_256_encrypt: 1,
      macsec_crypto_esp_aes_gcm_128_encrypt: 1,
      macsec_crypto_esp_aes_gcm_256_decrypt: 1,
      macsec_crypto_esp_aes_gcm_128_decrypt: 1,
      log_max_macsec_offload: 16,
      min_log_macsec_full_replay_window: 5,
      max_log_macsec_full_replay_window: 8,
    },
  },
  registers: {
    ...registers,
    // Expansion ROMs as mstflint q prints of a BlueField-3, but for their versions: with those for virtio-net and -blk.
    MGIR: {
      ...registers.MGIR,
      'sw_info.rom2_type': 7,
      'sw_info.rom2_arch': 3,
      'sw_info.rom2_version.major': 22,
      'sw_info.rom2_version.minor': 4,
      'sw_info.rom2_version.build': 14,
      'sw_info.rom3_type': 6,
      'sw_info.rom3_arch': 3,
      'sw_info.rom3_version.major': 21,
      'sw_info.rom3_version.minor': 4,
      'sw_info.rom3_version.build': 14,
    },
    NODE_DESC: { node_description: 'MT41692 BlueField3 integrated ConnectX7' },
  },
  nv: nvOf(NV_CHIP.BLUEFIELD3),
  ports: { module: 'copper-qsfp112' },
  world: { channels: 16, vfs: 2 },
};
