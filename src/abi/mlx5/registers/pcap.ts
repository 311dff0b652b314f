/** Register PCAP (0x5001): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PCAP = layout('PCAP', 20, [
  ['cm2_en', 0, 1, 'RW'],
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['port_capability_mask[4]', 32, 32, 'RW'],
]);
