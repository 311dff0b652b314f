/** Register QPDP (0x4007): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const QPDP = layout('QPDP', 8, [
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['color', 54, 2, 'RW'],
  ['switch_prio', 60, 4, 'RW'],
]);
