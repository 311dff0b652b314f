/** Register QTCT (0x400a): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const QTCT = layout('QTCT', 8, [
  ['operation_type', 0, 2, 'INDEX'],
  ['cap_local_admin', 2, 1, 'RO'],
  ['cap_remote_admin', 3, 1, 'RO'],
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['switch_prio', 28, 4, 'INDEX'],
  ['tclass', 60, 4, 'RW'],
]);
