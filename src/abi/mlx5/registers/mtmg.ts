/** Register MTMG (0x910d): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTMG = layout('MTMG', 16, [
  ['e', 31, 1, 'RW'],
  ['mit', 56, 8, 'RW'],
  ['threshold_2', 72, 8, 'RW'],
  ['threshold_1', 88, 8, 'RW'],
  ['threshold_4', 104, 8, 'RW'],
  ['threshold_3', 120, 8, 'RW'],
]);
