/** Register MPCIR (0x905a): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MPCIR = layout('MPCIR', 160, [
  ['all', 0, 2, 'OP'],
  ['fw_entity', 8, 8, 'INDEX'],
  ['instance', 16, 16, 'INDEX'],
  ['ports', 62, 2, 'OP'],
  ['ports_stat', 126, 2, 'RO'],
]);
