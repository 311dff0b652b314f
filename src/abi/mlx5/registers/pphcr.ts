/** Register PPHCR (0x503e): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';
import { elements } from '../../nested.ts';

export const PPHCR = layout('PPHCR', 92, [
  ['active_hist_type', 0, 4, 'RO'],
  ['local_port', 8, 8, 'INDEX'],
  ['pnat', 16, 2, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['port_type', 20, 4, 'INDEX'],
  ['plane_ind', 24, 4, 'INDEX'],
  ['we', 31, 1, 'RO'],
  ['num_of_bins', 40, 8, 'RO'],
  ['hist_type', 60, 4, 'INDEX'],
  ['hist_max_measurement', 72, 8, 'RO'],
  ['hist_min_measurement', 88, 8, 'RO'],
  ['bin_range_write_mask', 112, 16, 'WO'],
  ...elements('bin_range', 19, 128, 32, [
    ['high_val', 10, 6, 'RW'],
    ['low_val', 26, 6, 'RW'],
  ]),
]);
