/** Register MDIR (0x911a): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MDIR = layout('MDIR', 64, [['device_id[8]', 0, 32, 'RO']]);
