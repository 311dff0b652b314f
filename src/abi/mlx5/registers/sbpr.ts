/** Register SBPR (0xb001): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const SBPR = layout('SBPR', 24, [
  ['snap', 1, 1, 'OP'],
  ['dir', 6, 2, 'INDEX'],
  ['pool', 28, 4, 'INDEX'],
  ['infi_size', 32, 1, 'RW'],
  ['size', 40, 24, 'RW'],
  ['mode', 92, 4, 'RW'],
  ['buff_occupancy', 104, 24, 'RO'],
  ['clr', 128, 1, 'OP'],
  ['max_buff_occupancy', 136, 24, 'RO'],
  ['ext_buff_occupancy', 168, 24, 'RO'],
]);
