/** Register MCC (0x9062): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MCC = layout('MCC', 32, [
  ['time_elapsed_since_last_cmd', 4, 12, 'RO'],
  ['activation_delay_sec', 16, 8, 'RW'],
  ['instruction', 24, 8, 'RW'],
  ['component_index', 48, 16, 'INDEX'],
  ['auto_update', 64, 1, 'WO'],
  ['update_handle', 72, 24, 'RW'],
  ['handle_owner_type', 96, 4, 'RO'],
  ['handle_owner_host_id', 100, 4, 'RO'],
  ['control_progress', 105, 7, 'RO'],
  ['error_code', 112, 8, 'RO'],
  ['control_state', 124, 4, 'RO'],
  ['component_size', 128, 32, 'WO'],
  ['device_index', 164, 12, 'INDEX'],
  ['warning_code', 176, 8, 'RO'],
  ['device_type', 184, 8, 'INDEX'],
  ['rejected_device_index', 196, 12, 'RO'],
  ['device_index_size', 212, 12, 'RW'],
  ['component_specific_err_code', 224, 32, 'RO'],
]);
