/** Register DTOR (0xc00e): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const DTOR = layout('DTOR', 64, [
  ['pcie_toggle_to.to_multiplier', 32, 3, 'RO'],
  ['pcie_toggle_to.to_value', 44, 20, 'RO'],
  ['health_poll_to.to_multiplier', 160, 3, 'RO'],
  ['health_poll_to.to_value', 172, 20, 'RO'],
  ['full_crdump_to.to_multiplier', 192, 3, 'RO'],
  ['full_crdump_to.to_value', 204, 20, 'RO'],
  ['fw_reset_to.to_multiplier', 224, 3, 'RO'],
  ['fw_reset_to.to_value', 236, 20, 'RO'],
  ['flush_on_err_to.to_multiplier', 256, 3, 'RO'],
  ['flush_on_err_to.to_value', 268, 20, 'RO'],
  ['pci_sync_update_to.to_multiplier', 288, 3, 'RO'],
  ['pci_sync_update_to.to_value', 300, 20, 'RO'],
  ['tear_down_to.to_multiplier', 320, 3, 'RO'],
  ['tear_down_to.to_value', 332, 20, 'RO'],
  ['fsm_reactivate_to.to_multiplier', 352, 3, 'RO'],
  ['fsm_reactivate_to.to_value', 364, 20, 'RO'],
  ['reclaim_pages_to.to_multiplier', 384, 3, 'RO'],
  ['reclaim_pages_to.to_value', 396, 20, 'RO'],
  ['reclaim_vfs_pages_to.to_multiplier', 416, 3, 'RO'],
  ['reclaim_vfs_pages_to.to_value', 428, 20, 'RO'],
  ['driver_unload_and_reset_to.to_multiplier', 448, 3, 'RO'],
  ['driver_unload_and_reset_to.to_value', 460, 20, 'RO'],
  ['embedded_cpu_os_shutdown_to.to_multiplier', 480, 3, 'RO'],
  ['embedded_cpu_os_shutdown_to.to_value', 492, 20, 'RO'],
]);
