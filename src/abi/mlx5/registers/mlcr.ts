/** Register MLCR (0x902b): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MLCR = layout('MLCR', 12, [
  ['lp_msb', 6, 2, 'INDEX'],
  ['local_port', 8, 8, 'INDEX'],
  ['operation', 16, 4, 'RW'],
  ['operation_cap', 26, 1, 'RO'],
  ['cap_local_or_uid_only', 27, 1, 'RO'],
  ['led_type', 28, 4, 'INDEX'],
  ['beacon_duration', 48, 16, 'RW'],
  ['beacon_remain', 80, 16, 'RO'],
]);
