/** Register MTMP (0x900a): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTMP = layout('MTMP', 32, [
  ['i', 0, 1, 'INDEX'],
  ['ig', 1, 2, 'INDEX'],
  ['asic_index', 3, 4, 'INDEX'],
  ['slot_index', 12, 4, 'INDEX'],
  ['sensor_index', 20, 12, 'INDEX'],
  ['temperature', 48, 16, 'RO'],
  ['mte', 64, 1, 'RW'],
  ['mtr', 65, 1, 'OP'],
  ['weme', 66, 1, 'OP'],
  ['sdme', 67, 1, 'OP'],
  ['max_temperature', 80, 16, 'RO'],
  ['tee', 96, 2, 'RW'],
  ['sdee', 98, 2, 'RW'],
  ['temperature_threshold_hi', 112, 16, 'RW'],
  ['temperature_threshold_lo', 144, 16, 'RW'],
  ['sensor_name_hi', 192, 32, 'RO'],
  ['sensor_name_lo', 224, 32, 'RO'],
]);
