/** Register PPBMC (0x5052): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PPBMC = layout('PPBMC', 16, [
  ['clr', 0, 1, 'RW'],
  ['clr_cap', 1, 1, 'RO'],
  ['monitor_e_ctrl_ind', 4, 4, 'INDEX'],
  ['local_port', 8, 8, 'INDEX'],
  ['pnat', 16, 2, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['monitor_type', 20, 4, 'RO'],
  ['port_type', 24, 4, 'INDEX'],
  ['e', 32, 2, 'RW'],
  ['ievent', 34, 1, 'OP'],
  ['multiple_monitor_cap', 35, 1, 'RO'],
  ['event_ctrl', 36, 4, 'RW'],
  ['monitor_cntl', 40, 8, 'RW'],
  ['monitor_type_ext', 48, 4, 'RO'],
  ['monitor_e_ctrl_ind_cap', 53, 1, 'RO'],
  ['clr_stat', 54, 1, 'OP'],
  ['est_ef_ber_cap', 55, 1, 'RO'],
  ['monitor_state', 56, 8, 'RO'],
  ['monitor_type_cap', 72, 8, 'RO'],
  ['monitor_type_ext2', 80, 8, 'RO'],
  ['monitor_cntl_ext', 104, 8, 'RW'],
]);
