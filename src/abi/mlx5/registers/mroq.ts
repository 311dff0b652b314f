/** Register MROQ (0x902f): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MROQ = layout('MROQ', 32, [
  ['pci_reset_req_method', 0, 8, 'RO'],
  ['pci_sync_for_fw_update_start', 11, 4, 'RO'],
  ['query_is_valid', 15, 1, 'RO'],
  ['reset_type', 16, 8, 'INDEX'],
  ['reset_trigger', 24, 8, 'RO'],
]);
