/** Register FPGA_CTRL (0x4023): mlx5_ifc_fpga.h. */
import { layout } from '../../bits.ts';

export const FPGA_CTRL = layout('FPGA_CTRL', 16, [
  ['operation', 8, 8, 'WO'],
  ['status', 24, 8, 'RO'],
  ['flash_select_admin', 40, 8, 'RW'],
  ['flash_select_oper', 56, 8, 'RO'],
]);
