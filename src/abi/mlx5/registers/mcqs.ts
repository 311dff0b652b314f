/** Register MCQS (0x9060): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MCQS = layout('MCQS', 16, [
  ['last_index_flag', 0, 1, 'RO'],
  ['component_not_supported', 1, 1, 'RO'],
  ['device_index', 4, 12, 'INDEX'],
  ['component_index', 16, 16, 'INDEX'],
  ['identifier', 48, 16, 'RO'],
  ['progress', 80, 7, 'RO'],
  ['component_status', 87, 5, 'RO'],
  ['component_update_state', 92, 4, 'RO'],
  ['last_update_state_changer_type', 96, 4, 'RO'],
  ['last_update_state_changer_host_id', 100, 4, 'RO'],
  ['device_type', 120, 8, 'INDEX'],
]);
