/** Register MNVGC (0x9034): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MNVGC = layout('MNVGC', 16, [
  ['priv_nv_other_host', 29, 1, 'RO'],
  ['nvda_read_current_settings', 30, 1, 'RO'],
  ['nvda_read_factory_settings', 31, 1, 'RO'],
]);
