/** Register QEEC (0x400d): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const QEEC = layout('QEEC', 32, [
  ['local_port', 8, 8, 'INDEX'],
  ['pnat', 16, 2, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['element_hierarchy', 44, 4, 'INDEX'],
  ['element_index', 56, 8, 'INDEX'],
  ['next_element_index', 88, 8, 'RW'],
  ['mase', 128, 1, 'RW'],
  ['max_shaper_rate', 129, 31, 'RW'],
  ['de', 192, 1, 'RW'],
  ['dwrr', 208, 1, 'RW'],
  ['dwrr_weight', 216, 8, 'RW'],
]);
