/** Register PMTM (0x5067): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PMTM = layout('PMTM', 16, [
  ['slot_index', 4, 4, 'INDEX'],
  ['module', 8, 8, 'INDEX'],
  ['module_width_hi', 48, 3, 'RW'],
  ['module_width', 51, 5, 'RW'],
  ['module_type', 59, 5, 'RW'],
]);
