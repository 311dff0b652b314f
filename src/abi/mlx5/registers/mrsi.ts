/** Register MRSI (0x912a): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MRSI = layout('MRSI', 64, [
  ['device', 28, 4, 'INDEX'],
  ['reset_reason', 60, 4, 'RO'],
  ['crts', 64, 64, 'RO'],
  ['ecos', 184, 8, 'RO'],
]);
