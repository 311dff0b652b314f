/** Register MPEGC (0x9056): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MPEGC = layout('MPEGC', 44, [
  ['DPNv', 1, 1, 'INDEX'],
  ['depth', 2, 6, 'INDEX'],
  ['pcie_index', 8, 8, 'INDEX'],
  ['node', 16, 8, 'INDEX'],
  ['field_select', 48, 16, 'WO'],
  ['tx_overflow_sense', 64, 1, 'RW'],
  ['mark_cqe', 65, 1, 'RW'],
  ['mark_cnp', 66, 1, 'RW'],
  ['segment_valid', 71, 1, 'RW'],
  ['segment_base', 72, 8, 'RW'],
  ['tx_lossy_overflow_oper', 94, 2, 'RW'],
  ['outbound_stalled_reads_th', 113, 7, 'RW'],
  ['outbound_stalled_writes_th', 121, 7, 'RW'],
  ['status', 128, 8, 'RO'],
  ['operation', 140, 4, 'RW'],
]);
