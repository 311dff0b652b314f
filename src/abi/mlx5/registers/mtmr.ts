/** Register MTMR (0x910e): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTMR = layout('MTMR', 12, [
  ['module', 24, 8, 'INDEX'],
  ['abs_max_temp_change', 43, 5, 'RO'],
  ['op', 62, 2, 'OP'],
  ['thr_4_cnt', 68, 4, 'RO'],
  ['thr_3_cnt', 76, 4, 'RO'],
  ['thr_2_cnt', 84, 4, 'RO'],
  ['thr_1_cnt', 92, 4, 'RO'],
]);
