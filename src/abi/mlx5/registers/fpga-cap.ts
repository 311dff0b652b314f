/** Register FPGA_CAP (0x4022): mlx5_ifc_fpga.h. */
import { layout } from '../../bits.ts';

export const FPGA_CAP = layout('FPGA_CAP', 256, [
  ['fpga_id', 0, 8, 'RO'],
  ['fpga_device', 8, 24, 'RO'],
  ['register_file_ver', 32, 32, 'RO'],
  ['fpga_ctrl_modify', 64, 1, 'RO'],
  ['access_reg_query_mode', 70, 2, 'RO'],
  ['access_reg_modify_mode', 78, 2, 'RO'],
  ['image_version', 128, 32, 'RO'],
  ['image_date', 160, 32, 'RO'],
  ['image_time', 192, 32, 'RO'],
  ['shell_version', 224, 32, 'RO'],
]);
