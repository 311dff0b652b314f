/** Register PCAM (0x507f): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PCAM = layout('PCAM', 80, [
  ['feature_group', 8, 8, 'INDEX'],
  ['pl_op', 23, 1, 'OP'],
  ['access_reg_group', 24, 8, 'INDEX'],
  ['port_access_reg_cap_mask[4]', 64, 32, 'RO'],
  ['feature_cap_mask[4]', 320, 32, 'RO'],
]);
