/** Register MVTS (0x902c): HCA register data base of mstflint, where running_flag, which selects, is read-only. */
import { layout } from '../../bits.ts';

export const MVTS = layout('MVTS', 20, [
  ['clear_all_ts_flag', 0, 1, 'WO'],
  ['running_flag', 1, 1, 'INDEX'],
  ['check_timestamp_flag', 2, 1, 'WO'],
  ['fw_version_major', 32, 16, 'RW'],
  ['fw_version_minor', 64, 16, 'RW'],
  ['fw_version_subminor', 80, 16, 'RW'],
  ['ts_year', 96, 16, 'RW'],
  ['ts_month', 112, 8, 'RW'],
  ['ts_day', 120, 8, 'RW'],
  ['ts_hour', 128, 8, 'RW'],
  ['ts_minutes', 136, 8, 'RW'],
  ['ts_seconds', 144, 8, 'RW'],
]);
