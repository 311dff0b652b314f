/** Register PUDE (0x5009): mlx5_ifc.h mlx5_ifc_pude_reg_bits. */
import { layout } from '../../bits.ts';

export const PUDE = layout('PUDE', 16, [
  ['swid', 0, 8, 'INDEX'],
  ['local_port', 8, 8, 'INDEX'],
  ['admin_status', 20, 4, 'RO'],
  ['oper_status', 28, 4, 'RO'],
]);
