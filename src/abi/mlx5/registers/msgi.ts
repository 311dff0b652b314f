/** Register MSGI (0x9021): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MSGI = layout('MSGI', 128, [
  ['serial_number', 0, 192, 'RO'],
  ['part_number', 256, 160, 'RO'],
  ['revision', 448, 32, 'RO'],
  ['product_name', 512, 512, 'RO'],
]);
