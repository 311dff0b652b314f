/** Register MNVGN (0x9035): HCA register data base of mstflint. The size is what mstconfig asks for. */
import { layout } from '../../bits.ts';

export const MNVGN = layout('MNVGN', 156, [
  ['nv_pointer', 0, 32, 'INDEX'],
  ['configuration_item_header.priority', 130, 2, 'RO'],
  ['configuration_item_header.ovr_en', 134, 1, 'RW'],
  ['configuration_item_header.rd_en', 135, 1, 'RW'],
  ['configuration_item_header.access_mode', 136, 2, 'INDEX'],
  ['configuration_item_header.writer_id', 139, 5, 'RO'],
  ['configuration_item_header.version', 144, 4, 'RW'],
  ['configuration_item_header.host_id_valid', 150, 1, 'INDEX'],
  ['configuration_item_header.length', 151, 9, 'RW'],
  ['configuration_item_header.type', 160, 32, 'INDEX'],
  ['configuration_item_data', 224, 1024, 'RW'],
]);
