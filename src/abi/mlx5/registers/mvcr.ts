/** Register MVCR (0x900c): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MVCR = layout('MVCR', 24, [
  ['i', 0, 1, 'INDEX'],
  ['volt_cap', 1, 1, 'RO'],
  ['curr_cap', 2, 1, 'RO'],
  ['pwr_cap', 3, 1, 'RO'],
  ['slot_index', 12, 4, 'INDEX'],
  ['parent_id', 16, 8, 'RO'],
  ['sensor_index', 24, 8, 'INDEX'],
  ['voltage_sensor_value', 48, 16, 'RO'],
  ['current_sensor_value_msb', 64, 16, 'RO'],
  ['current_sensor_value', 80, 16, 'RO'],
  ['power_sensor_value', 112, 16, 'RO'],
  ['sensor_name.hi', 128, 32, 'RO'],
  ['sensor_name.lo', 160, 32, 'RO'],
]);
