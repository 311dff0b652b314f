/** Register PPCR (0x504c): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PPCR = layout('PPCR', 16, [
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['asymmetry_enable_supported', 32, 1, 'RO'],
  ['asymmetry_enable', 33, 1, 'RO'],
  ['split', 69, 3, 'RW'],
  ['plane', 77, 3, 'RW'],
  ['aggregated_port', 88, 8, 'RW'],
  ['p_type', 109, 3, 'RO'],
  ['num_of_planes', 120, 8, 'RO'],
]);
