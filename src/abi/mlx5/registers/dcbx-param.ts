/** Register DCBX_PARAM (0x4020): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const DCBX_PARAM = layout('DCBX_PARAM', 64, [
  ['dcbx_cee_cap', 0, 1, 'RO'],
  ['dcbx_ieee_cap', 1, 1, 'RO'],
  ['dcbx_standby_cap', 2, 1, 'RO'],
  ['port_number', 8, 8, 'INDEX'],
  ['max_application_table_size', 26, 6, 'RO'],
  ['version_oper', 53, 3, 'RO'],
  ['version_admin', 61, 3, 'RW'],
  ['willing_admin', 64, 1, 'RW'],
  ['pfc_cap_oper', 68, 4, 'RO'],
  ['pfc_cap_admin', 76, 4, 'RW'],
  ['num_of_tc_oper', 84, 4, 'RO'],
  ['num_of_tc_admin', 92, 4, 'RW'],
  ['remote_willing', 96, 1, 'RO'],
  ['remote_pfc_cap', 100, 4, 'RO'],
  ['remote_num_of_tc', 124, 4, 'RO'],
  ['error', 152, 8, 'RO'],
]);
