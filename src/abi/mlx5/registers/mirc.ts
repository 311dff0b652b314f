/** Register MIRC (0x9162): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MIRC = layout('MIRC', 8, [['status_code', 24, 8, 'RO']]);
