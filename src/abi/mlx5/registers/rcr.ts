/** Register RCR (0xc00f): mlx5_ifc.h mlx5_ifc_rcr_reg_bits. */
import { layout } from '../../bits.ts';

export const RCR = layout('RCR', 48, [
  ['health_severity_bitmask_valid', 31, 1, 'RW'],
  ['health_severity_bitmask', 56, 8, 'RW'],
]);
