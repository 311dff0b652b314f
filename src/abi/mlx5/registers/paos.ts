/** Register PAOS (0x5006): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PAOS = layout('PAOS', 16, [
  ['swid', 0, 8, 'INDEX'],
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['admin_status', 20, 4, 'RW'],
  ['plane_ind', 24, 4, 'INDEX'],
  ['oper_status', 28, 4, 'RO'],
  ['ase', 32, 1, 'WO'],
  ['ee', 33, 1, 'WO'],
  ['ee_ls', 34, 1, 'WO'],
  ['ee_ps', 35, 1, 'WO'],
  ['ee_nmxas', 36, 1, 'WO'],
  ['ls_e', 40, 4, 'RW'],
  ['logical_state_status', 45, 3, 'RO'],
  ['ps_e', 48, 4, 'RW'],
  ['sleep_cap', 54, 1, 'RO'],
  ['fd', 55, 1, 'RW'],
  ['physical_state_status', 56, 4, 'RO'],
  ['e', 62, 2, 'RW'],
  ['phy_force_linkup_mode', 64, 1, 'RO'],
  ['last_oper_status', 77, 3, 'RO'],
  ['ps_e_ext', 82, 2, 'RW'],
  ['nmxas_e', 88, 4, 'RW'],
  ['nmx_adminstate_status', 93, 3, 'RO'],
]);
