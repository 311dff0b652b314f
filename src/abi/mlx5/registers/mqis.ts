/** Register MQIS (0x9064): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MQIS = layout('MQIS', 24, [
  ['info_type', 24, 8, 'INDEX'],
  ['info_length', 48, 16, 'RO'],
  ['read_offset', 64, 16, 'INDEX'],
  ['read_length', 80, 16, 'RW'],
  ['info_string', 128, 64, 'RO'],
]);
