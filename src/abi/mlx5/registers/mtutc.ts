/** Register MTUTC (0x9055): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTUTC = layout('MTUTC', 28, [
  ['time_stamp_mode', 0, 2, 'RO'],
  ['time_stamp_state', 2, 2, 'RO'],
  ['freq_adj_units', 5, 3, 'RW'],
  ['log_max_freq_adjustment', 11, 5, 'RO'],
  ['log_max_phase_adjustment', 21, 6, 'RO'],
  ['operation', 28, 4, 'OP'],
  ['freq_adjustment', 32, 32, 'RW'],
  ['utc_sec', 128, 32, 'WO'],
  ['utc_nsec', 162, 30, 'WO'],
  ['time_adjustment', 192, 32, 'WO'],
]);
