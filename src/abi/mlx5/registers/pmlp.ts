/** Register PMLP (0x5002): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';
import { elements } from '../../nested.ts';

export const PMLP = layout('PMLP', 64, [
  ['rxtx', 0, 1, 'RW'],
  ['m_lane_m', 3, 1, 'OP'],
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['plane_ind', 20, 4, 'INDEX'],
  ['width', 24, 8, 'RW'],
  ...elements('lane_module_mapping', 8, 32, 32, [
    ['mode_b_map', 1, 1, 'RO'],
    ['rx_lane', 4, 4, 'RW'],
    ['tx_lane', 12, 4, 'RW'],
    ['slot_index', 20, 4, 'RW'],
    ['module', 24, 8, 'RW'],
  ]),
]);
