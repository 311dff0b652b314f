/** Register QPTS (0x4002): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const QPTS = layout('QPTS', 8, [
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['trust_state', 61, 3, 'RW'],
]);
