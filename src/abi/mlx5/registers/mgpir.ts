/** Register MGPIR (0x9100): switch register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MGPIR = layout('MGPIR', 160, [
  ['hw_info.slot_index', 0, 4, 'INDEX'],
  ['hw_info.device_type', 4, 4, 'RO'],
  ['hw_info.devices_per_flash', 8, 8, 'RO'],
  ['hw_info.num_of_modules_per_system', 16, 8, 'RO'],
  ['hw_info.num_of_devices', 24, 8, 'RO'],
  ['hw_info.max_modules_per_slot', 40, 8, 'RO'],
  ['hw_info.num_of_slots', 48, 8, 'RO'],
  ['hw_info.num_of_modules', 56, 8, 'RO'],
  ['hw_info.max_sub_modules_index', 68, 4, 'RO'],
  ['hw_info.num_lanes_per_sub_module', 76, 4, 'RO'],
  ['hw_info.total_num_of_module_i2c_bus', 80, 8, 'RO'],
  ['hw_info.num_of_resource_modules', 88, 8, 'RO'],
]);
