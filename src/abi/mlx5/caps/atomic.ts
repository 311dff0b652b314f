/** Capabilities ATOMIC: struct mlx5_ifc_atomic_caps_bits of mlx5_ifc.h. */
import { layout } from '../../bits.ts';

export const ATOMIC_CAP = layout('atomic_caps', 256, [
  ['atomic_req_8B_endianness_mode', 64, 2],
  ['supported_atomic_req_8B_endianness_mode_1', 70, 1],
  ['atomic_operations', 144, 16],
  ['atomic_size_qp', 176, 16],
  ['atomic_size_dc', 208, 16],
]);
