/** Register FPGA_ACCESS_REG (0x4024): mlx5_ifc_fpga.h. */
import { layout } from '../../bits.ts';

export const FPGA_ACCESS_REG = layout('FPGA_ACCESS_REG', 80, [
  ['size', 48, 16, 'INDEX'],
  ['address', 64, 64, 'INDEX'],
  ['data', 128, 512, 'RW'],
]);
