/** Register DCBX_APPLICATION (0x4021): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const DCBX_APPLICATION = layout('DCBX_APPLICATION', 20, [
  ['port_number', 8, 8, 'INDEX'],
  ['num_app_prio', 58, 6, 'RO'],
  ['app_prio[0].priority', 136, 3, 'RO'],
  ['app_prio[0].sel', 141, 3, 'RO'],
  ['app_prio[0].protocol_id', 144, 16, 'RO'],
]);
