/**
 * Capabilities ODP: struct mlx5_ifc_odp_cap_bits of mlx5_ifc.h; [field, bit offset MSB first, bits].
 */
import { layout } from '../../bits.ts';

export const ODP_CAP = layout('odp_cap', 256, [
  ['sig', 64, 1],
  ['rc_odp_caps.send', 128, 1],
  ['rc_odp_caps.receive', 129, 1],
  ['rc_odp_caps.write', 130, 1],
  ['rc_odp_caps.read', 131, 1],
  ['rc_odp_caps.atomic', 132, 1],
  ['rc_odp_caps.srq_receive', 133, 1],
  ['uc_odp_caps.send', 160, 1],
  ['uc_odp_caps.receive', 161, 1],
  ['uc_odp_caps.write', 162, 1],
  ['uc_odp_caps.read', 163, 1],
  ['uc_odp_caps.atomic', 164, 1],
  ['uc_odp_caps.srq_receive', 165, 1],
  ['ud_odp_caps.send', 192, 1],
  ['ud_odp_caps.receive', 193, 1],
  ['ud_odp_caps.write', 194, 1],
  ['ud_odp_caps.read', 195, 1],
  ['ud_odp_caps.atomic', 196, 1],
  ['ud_odp_caps.srq_receive', 197, 1],
  ['xrc_odp_caps.send', 224, 1],
  ['xrc_odp_caps.receive', 225, 1],
  ['xrc_odp_caps.write', 226, 1],
  ['xrc_odp_caps.read', 227, 1],
  ['xrc_odp_caps.atomic', 228, 1],
  ['xrc_odp_caps.srq_receive', 229, 1],
  ['dc_odp_caps.send', 256, 1],
  ['dc_odp_caps.receive', 257, 1],
  ['dc_odp_caps.write', 258, 1],
  ['dc_odp_caps.read', 259, 1],
  ['dc_odp_caps.atomic', 260, 1],
  ['dc_odp_caps.srq_receive', 261, 1],
]);
