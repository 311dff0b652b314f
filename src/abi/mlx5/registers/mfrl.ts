/** Register MFRL (0x9028): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MFRL = layout('MFRL', 8, [
  ['pci_rescan_required', 32, 1, 'RO'],
  ['pci_sync_for_fw_update_start', 33, 2, 'RW'],
  ['pci_sync_for_fw_update_resp', 35, 2, 'WO'],
  ['rst_type_sel', 37, 3, 'RW'],
  ['pci_reset_req_method', 40, 3, 'RW'],
  ['reset_state', 44, 4, 'RO'],
  ['reset_type', 48, 8, 'RO'],
  ['reset_trigger', 56, 8, 'RW'],
]);
