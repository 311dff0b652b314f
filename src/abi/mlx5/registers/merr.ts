/** Register MERR (0x903c): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MERR = layout('MERR', 20, [
  ['current_index', 8, 8, 'INDEX'],
  ['ent_type', 28, 4, 'INDEX'],
  ['target_index', 56, 8, 'RW'],
]);
