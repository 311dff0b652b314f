/** Register SBCM (0xb002): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const SBCM = layout('SBCM', 40, [
  ['snap', 1, 1, 'OP'],
  ['local_port', 8, 8, 'INDEX'],
  ['pnat', 16, 2, 'INDEX'],
  ['pg_buff', 18, 6, 'INDEX'],
  ['lp_msb', 26, 2, 'INDEX'],
  ['dir', 30, 2, 'INDEX'],
  ['exc', 63, 1, 'RW'],
  ['buff_occupancy', 136, 24, 'RO'],
  ['clr', 160, 1, 'OP'],
  ['max_buff_occupancy', 168, 24, 'RO'],
  ['min_buff', 200, 24, 'RW'],
  ['infi_max', 224, 1, 'RW'],
  ['max_buff', 232, 24, 'RW'],
  ['pool', 316, 4, 'RW'],
]);
