/** Register PPAOS (0x5040): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PPAOS = layout('PPAOS', 16, [
  ['swid', 0, 8, 'INDEX'],
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['phy_test_mode_admin', 20, 4, 'RW'],
  ['port_type', 24, 4, 'INDEX'],
  ['phy_test_mode_status', 28, 4, 'RO'],
  ['dc_cpl_allow', 34, 1, 'WO'],
  ['dc_cpl_port', 35, 1, 'RO'],
  ['primary_secondary', 37, 2, 'RW'],
  ['primary_secondary_constant', 41, 1, 'RW'],
  ['primary_secondary_oper', 42, 2, 'RO'],
  ['phy_status_admin', 52, 4, 'RW'],
  ['plane_ind', 56, 4, 'INDEX'],
  ['phy_status', 60, 4, 'RO'],
]);
