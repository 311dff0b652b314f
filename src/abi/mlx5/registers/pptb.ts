/** Register PPTB (0x500b): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PPTB = layout('PPTB', 12, [
  ['mm', 2, 2, 'INDEX'],
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['cm', 22, 1, 'WO'],
  ['um', 23, 1, 'WO'],
  ['pm', 24, 8, 'WO'],
  ['prio7buff', 32, 4, 'RW'],
  ['prio6buff', 36, 4, 'RW'],
  ['prio5buff', 40, 4, 'RW'],
  ['prio4buff', 44, 4, 'RW'],
  ['prio3buff', 48, 4, 'RW'],
  ['prio2buff', 52, 4, 'RW'],
  ['prio1buff', 56, 4, 'RW'],
  ['prio0buff', 60, 4, 'RW'],
  ['pm_msb', 64, 8, 'WO'],
  ['ctrl_buff', 88, 4, 'RW'],
  ['untagged_buff', 92, 4, 'RW'],
]);
