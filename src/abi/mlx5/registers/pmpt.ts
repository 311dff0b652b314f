/** Register PMPT (0x5064): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PMPT = layout('PMPT', 28, [
  ['e', 0, 1, 'RW'],
  ['ls', 1, 1, 'RO'],
  ['le', 2, 1, 'OP'],
  ['slot_index', 4, 4, 'INDEX'],
  ['module', 8, 8, 'INDEX'],
  ['swap_cap', 17, 1, 'RO'],
  ['invt_cap', 18, 1, 'RO'],
  ['host_media', 19, 1, 'INDEX'],
  ['lane_mask', 20, 8, 'INDEX'],
  ['status', 28, 4, 'RO'],
  ['prbs_modes_cap', 32, 32, 'RO'],
  ['prbs_mode_admin', 64, 8, 'RW'],
  ['swap_admin', 86, 1, 'RW'],
  ['invt_admin', 87, 1, 'RW'],
  ['ch_ge', 90, 2, 'INDEX'],
  ['modulation', 92, 4, 'INDEX'],
  ['lane_rate_cap', 96, 16, 'RO'],
  ['lane_rate_admin', 128, 16, 'RW'],
]);
