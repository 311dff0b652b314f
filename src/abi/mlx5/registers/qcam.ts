/** Register QCAM (0x4019): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const QCAM = layout('QCAM', 72, [
  ['feature_group', 8, 8, 'INDEX'],
  ['access_reg_group', 24, 8, 'INDEX'],
  ['qos_access_reg_cap_mask[4]', 64, 32, 'RO'],
  ['qos_feature_cap_mask[4]', 320, 32, 'RO'],
]);
