/** Register MPQD (0x9700): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MPQD = layout('MPQD', 16, [
  ['DPNv', 1, 1, 'INDEX'],
  ['depth', 2, 6, 'INDEX'],
  ['pcie_index', 8, 8, 'INDEX'],
  ['node', 16, 8, 'INDEX'],
  ['is_internal', 32, 1, 'RO'],
  ['max_exist_depth', 40, 8, 'RO'],
  ['max_valid_pcie_index', 48, 8, 'RO'],
  ['requester_pcie_index', 56, 8, 'RO'],
  ['valid_index', 64, 1, 'RO'],
  ['node_phy', 87, 1, 'RO'],
  ['number_of_nodes', 88, 8, 'RO'],
  ['parent_node_number', 112, 8, 'RO'],
  ['DSP_node', 126, 1, 'RO'],
  ['valid_node', 127, 1, 'RW'],
]);
