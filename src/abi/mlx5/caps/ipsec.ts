/** Capabilities IPSEC: struct mlx5_ifc_ipsec_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const IPSEC_CAP = layout('ipsec_cap', 256, [
  ['ipsec_full_offload', 0, 1],
  ['ipsec_crypto_offload', 1, 1],
  ['ipsec_esn', 2, 1],
  ['ipsec_crypto_esp_aes_gcm_256_encrypt', 3, 1],
  ['ipsec_crypto_esp_aes_gcm_128_encrypt', 4, 1],
  ['ipsec_crypto_esp_aes_gcm_256_decrypt', 5, 1],
  ['ipsec_crypto_esp_aes_gcm_128_decrypt', 6, 1],
  ['log_max_ipsec_offload', 11, 5],
  ['min_log_ipsec_full_replay_window', 32, 8],
  ['max_log_ipsec_full_replay_window', 40, 8],
]);
