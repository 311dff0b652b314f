/** Register MTEIM (0x9118): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTEIM = layout('MTEIM', 48, [
  ['cap_num_of_tile', 0, 8, 'RO'],
  ['cap_core_dpa', 8, 8, 'RO'],
  ['cap_core_main', 16, 8, 'RO'],
  ['cap_core_tile', 24, 8, 'RO'],
  ['is_dwsn_msb_supported', 32, 1, 'RO'],
  ['is_phy_uc_supported', 33, 1, 'RO'],
  ['type_core_dpa', 52, 4, 'RO'],
  ['type_core_main', 56, 4, 'RO'],
  ['type_core_tile', 60, 4, 'RO'],
  ['first_main_core_event_id', 64, 8, 'RO'],
  ['first_dpa_core_event_id', 72, 8, 'RO'],
  ['first_tile_core_event_id[8]', 96, 8, 'RO'],
]);
