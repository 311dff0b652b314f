/** Register PCMR (0x5041): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PCMR = layout('PCMR', 12, [
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['force_entropy_cap', 32, 1, 'RO'],
  ['entropy_calc_cap', 33, 1, 'RO'],
  ['entropy_gre_calc_cap', 34, 1, 'RO'],
  ['mpls_explicit_null_en_cap', 37, 1, 'RO'],
  ['encap_replace_ipv4_id_en_cap', 38, 1, 'RO'],
  ['vendor_specific_vlan_type_en_cap', 41, 1, 'RO'],
  ['tx_ts_over_crc_cap', 47, 1, 'RO'],
  ['tx_fcs_recalc_cap', 48, 1, 'RO'],
  ['rx_fcs_drop_cap', 49, 1, 'RO'],
  ['rx_ts_over_crc_cap', 50, 1, 'RO'],
  ['fcs_cap', 62, 1, 'RO'],
  ['force_entropy', 64, 1, 'RW'],
  ['entropy_calc', 65, 1, 'RW'],
  ['entropy_gre_calc', 66, 1, 'RW'],
  ['mpls_explicit_null_en', 69, 1, 'RW'],
  ['encap_replace_ipv4_id_en', 70, 1, 'RW'],
  ['vendor_specific_vlan_type_en', 73, 1, 'RW'],
  ['tx_ts_over_crc', 79, 1, 'RW'],
  ['tx_fcs_recalc', 80, 1, 'RW'],
  ['rx_fcs_drop', 81, 1, 'RW'],
  ['rx_ts_over_crc', 82, 1, 'RW'],
  ['fcs_chk', 94, 1, 'RW'],
]);
