/** Register MVCAP (0x902e): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MVCAP = layout('MVCAP', 16, [
  ['sensor_map.hi', 0, 32, 'RO'],
  ['sensor_map.lo', 32, 32, 'RO'],
  ['sensor_map_type', 66, 2, 'INDEX'],
  ['slot_index', 92, 4, 'INDEX'],
]);
