/** Capabilities MACSEC: struct mlx5_ifc_macsec_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const MACSEC_CAP = layout('macsec_cap', 256, [
  ['macsec_epn', 0, 1],
  ['macsec_crypto_esp_aes_gcm_256_encrypt', 3, 1],
  ['macsec_crypto_esp_aes_gcm_128_encrypt', 4, 1],
  ['macsec_crypto_esp_aes_gcm_256_decrypt', 5, 1],
  ['macsec_crypto_esp_aes_gcm_128_decrypt', 6, 1],
  ['log_max_macsec_offload', 11, 5],
  ['min_log_macsec_full_replay_window', 32, 8],
  ['max_log_macsec_full_replay_window', 40, 8],
]);
