/** Register PMTU (0x5003): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PMTU = layout('PMTU', 16, [
  ['protocol', 0, 4, 'INDEX'],
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['i_e', 26, 2, 'INDEX'],
  ['itre', 31, 1, 'RW'],
  ['max_mtu', 32, 16, 'RO'],
  ['admin_mtu', 64, 16, 'RW'],
  ['oper_mtu', 96, 16, 'RO'],
]);
