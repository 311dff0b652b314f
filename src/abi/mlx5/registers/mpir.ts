/** Register MPIR (0x9059): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MPIR = layout('MPIR', 16, [
  ['sdm', 0, 1, 'RO'],
  ['DPNv', 1, 1, 'INDEX'],
  ['depth', 2, 6, 'INDEX'],
  ['pcie_index', 8, 8, 'INDEX'],
  ['node', 16, 8, 'INDEX'],
  ['host_buses', 28, 4, 'RO'],
  ['segment_cap', 38, 1, 'RO'],
  ['segment_valid', 39, 1, 'RO'],
  ['segment_base', 40, 8, 'RO'],
  ['secondary_bus', 48, 8, 'RO'],
  ['subordinate_bus', 56, 8, 'RO'],
  ['local_port', 64, 8, 'RO'],
  ['bus', 72, 8, 'RO'],
  ['lp_msb', 82, 2, 'RO'],
  ['device', 88, 5, 'RO'],
  ['sd_group', 93, 3, 'RO'],
  ['slot_cap', 96, 1, 'RO'],
  ['host_index', 97, 7, 'RO'],
  ['num_con_devices', 104, 8, 'RO'],
  ['slot_number', 115, 13, 'RO'],
]);
