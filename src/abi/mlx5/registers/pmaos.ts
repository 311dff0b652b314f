/** Register PMAOS (0x5012): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PMAOS = layout('PMAOS', 16, [
  ['rst', 0, 1, 'OP'],
  ['slot_index', 4, 4, 'INDEX'],
  ['module', 8, 8, 'INDEX'],
  ['admin_status', 20, 4, 'RW'],
  ['oper_status', 28, 4, 'RO'],
  ['ase', 32, 1, 'WO'],
  ['ee', 33, 1, 'WO'],
  ['secondary', 34, 1, 'RO'],
  ['rev_incompatible', 35, 1, 'RO'],
  ['operational_notification', 44, 4, 'RO'],
  ['error_type', 51, 5, 'RO'],
  ['e', 62, 2, 'RW'],
]);
