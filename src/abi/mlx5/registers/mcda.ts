/** Register MCDA (0x9063): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MCDA = layout('MCDA', 144, [
  ['update_handle', 8, 24, 'RW'],
  ['offset', 32, 32, 'RW'],
  ['size', 80, 16, 'RW'],
  ['data', 128, 1024, 'RW'],
]);
