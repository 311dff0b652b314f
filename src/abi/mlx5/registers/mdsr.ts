/** Register MDSR (0x9110): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MDSR = layout('MDSR', 48, [
  ['type_of_token', 0, 8, 'INDEX'],
  ['additional_info', 18, 6, 'RO'],
  ['status', 28, 4, 'RO'],
  ['end', 32, 1, 'WO'],
  ['revoke_version', 33, 1, 'WO'],
  ['time_left', 64, 32, 'RO'],
]);
