/** Register MCION (0x9052): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MCION = layout('MCION', 16, [
  ['module', 8, 8, 'INDEX'],
  ['slot_index', 16, 4, 'INDEX'],
  ['module_status_bits', 48, 16, 'RO'],
  ['module_status_bits_valid', 96, 16, 'RO'],
  ['module_inputs', 124, 4, 'RW'],
]);
