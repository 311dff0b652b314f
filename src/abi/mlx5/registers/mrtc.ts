/** Register MRTC (0x902d): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MRTC = layout('MRTC', 16, [
  ['time_synced', 0, 1, 'RO'],
  ['time', 64, 64, 'RW'],
]);
