/** Register MNVQC (0x9030): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MNVQC = layout('MNVQC', 8, [
  ['type', 0, 32, 'INDEX'],
  ['host_id_valid', 54, 1, 'INDEX'],
  ['version', 56, 4, 'RO'],
  ['support_wr', 62, 1, 'RO'],
  ['support_rd', 63, 1, 'RO'],
]);
