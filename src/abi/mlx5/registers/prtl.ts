/** Register PRTL (0x5014): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PRTL = layout('PRTL', 32, [
  ['rtt_support', 0, 1, 'RO'],
  ['local_port', 8, 8, 'INDEX'],
  ['pnat', 16, 2, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['plane_ind', 20, 4, 'INDEX'],
  ['latency_res', 44, 4, 'RO'],
  ['latency_accuracy', 56, 8, 'RO'],
  ['local_phy_latency', 80, 16, 'RO'],
  ['local_mod_dp_latency', 112, 16, 'RO'],
  ['round_trip_latency', 136, 24, 'RO'],
]);
