/** Register PPLR (0x5018): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PPLR = layout('PPLR', 8, [
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['apply_im', 22, 1, 'OP'],
  ['op_mod', 23, 1, 'OP'],
  ['port_type', 24, 4, 'INDEX'],
  ['plane_ind', 28, 4, 'INDEX'],
  ['lb_cap_mode_idx', 33, 1, 'INDEX'],
  ['lb_cap', 36, 12, 'RO'],
  ['lb_en', 52, 12, 'RW'],
]);
