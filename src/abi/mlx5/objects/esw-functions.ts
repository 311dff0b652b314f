/**
 * QUERY_ESW_FUNCTIONS (0x740): struct mlx5_ifc_query_esw_functions_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_ESW_FUNCTIONS: CommandLayout = {
  request: layout('query_esw_functions_in', 16, []),
  reply: layout('query_esw_functions_out', 128, [
    ['host_params_context.host_number', 128, 8],
    ['host_params_context.host_pf_disabled', 143, 1],
    ['host_params_context.host_num_of_vfs', 144, 16],
    ['host_params_context.host_total_vfs', 160, 16],
    ['host_params_context.host_pci_bus', 176, 16],
    ['host_params_context.host_pci_device', 208, 16],
    ['host_params_context.host_pci_function', 240, 16],
  ]),
};
