/** Register MNVDI (0x9025): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MNVDI = layout('MNVDI', 12, [
  ['configuration_item_header.priority', 2, 2, 'RO'],
  ['configuration_item_header.ovr_en', 6, 1, 'RW'],
  ['configuration_item_header.rd_en', 7, 1, 'RW'],
  ['configuration_item_header.access_mode', 8, 2, 'INDEX'],
  ['configuration_item_header.writer_id', 11, 5, 'RO'],
  ['configuration_item_header.version', 16, 4, 'RW'],
  ['configuration_item_header.host_id_valid', 22, 1, 'INDEX'],
  ['configuration_item_header.length', 23, 9, 'RW'],
  ['configuration_item_header.type', 32, 32, 'INDEX'],
]);
