/** Capabilities ODP: struct mlx5_ifc_odp_cap_bits of mlx5_ifc.h. */
import { type FieldRow, layout } from '../../bits.ts';
import { nested } from '../../nested.ts';

/** struct mlx5_ifc_odp_per_transport_service_cap_bits. */
const PER_TRANSPORT: readonly FieldRow[] = [
  ['send', 0, 1],
  ['receive', 1, 1],
  ['write', 2, 1],
  ['read', 3, 1],
  ['atomic', 4, 1],
  ['srq_receive', 5, 1],
];

export const ODP_CAP = layout('odp_cap', 256, [
  ['sig', 64, 1],
  ...nested('rc_odp_caps', 128, PER_TRANSPORT),
  ...nested('uc_odp_caps', 160, PER_TRANSPORT),
  ...nested('ud_odp_caps', 192, PER_TRANSPORT),
  ...nested('xrc_odp_caps', 224, PER_TRANSPORT),
  ...nested('dc_odp_caps', 256, PER_TRANSPORT),
]);
