/** Capabilities TLS: struct mlx5_ifc_tls_cap_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const TLS_CAP = layout('tls_cap', 256, [
  ['tls_1_2_aes_gcm_128', 0, 1],
  ['tls_1_3_aes_gcm_128', 1, 1],
  ['tls_1_2_aes_gcm_256', 2, 1],
  ['tls_1_3_aes_gcm_256', 3, 1],
]);
