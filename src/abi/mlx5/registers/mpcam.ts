/** Register MPCAM (0x9702): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MPCAM = layout('MPCAM', 72, [
  ['feature_group', 8, 8, 'INDEX'],
  ['access_reg_group', 24, 8, 'INDEX'],
  ['mng_access_reg_cap_mask[4]', 64, 32, 'RO'],
  ['mng_feature_cap_mask[4]', 320, 32, 'RO'],
]);
