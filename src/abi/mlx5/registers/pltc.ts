/** Register PLTC (0x5046): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PLTC = layout('PLTC', 16, [
  ['local_port', 8, 8, 'INDEX'],
  ['pnat', 16, 2, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['lane_mask', 24, 8, 'INDEX'],
  ['precoding_cap_mask', 60, 4, 'RO'],
  ['local_rx_precoding_admin', 78, 2, 'RW'],
  ['precoding_mask', 86, 2, 'RW'],
  ['local_tx_precoding_admin', 94, 2, 'RW'],
  ['local_rx_precoding_oper', 110, 2, 'RO'],
  ['local_tx_precoding_oper', 126, 2, 'RO'],
]);
