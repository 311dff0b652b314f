/** Register MTCAP (0x9009): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTCAP = layout('MTCAP', 16, [
  ['slot_index', 12, 4, 'INDEX'],
  ['sensor_count', 25, 7, 'RO'],
  ['internal_sensor_count', 56, 8, 'RO'],
  ['sensor_map.hi', 64, 32, 'RO'],
  ['sensor_map.lo', 96, 32, 'RO'],
]);
