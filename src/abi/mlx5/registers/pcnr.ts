/** Register PCNR (0x5050): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PCNR = layout('PCNR', 12, [
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['flua_we_mask', 25, 4, 'WO'],
  ['flua_cap', 29, 1, 'RO'],
  ['tuning_override', 31, 1, 'WO'],
  ['flua_guar_sec', 35, 5, 'RW'],
  ['flua_polling_sec', 40, 8, 'RW'],
  ['flua_allowed_ber', 48, 8, 'RW'],
  ['flua_oper', 56, 2, 'RO'],
  ['flua_en', 58, 2, 'RW'],
  ['keep_phy_setting', 63, 1, 'WO'],
]);
