/** Register MNVIA (0x9033): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MNVIA = layout('MNVIA', 8, [
  ['writer_id', 23, 5, 'RW'],
  ['target', 29, 3, 'WO'],
]);
