/** Register PELC (0x500e): mlx5_ifc.h mlx5_ifc_pelc_reg_bits. */
import { layout } from '../../bits.ts';

export const PELC = layout('PELC', 56, [
  ['op', 0, 4, 'INDEX'],
  ['local_port', 8, 8, 'INDEX'],
  ['op_admin', 32, 8, 'RW'],
  ['op_capability', 40, 8, 'RO'],
  ['op_request', 48, 8, 'RO'],
  ['op_active', 56, 8, 'RO'],
  ['admin', 64, 64, 'RW'],
  ['capability', 128, 64, 'RO'],
  ['request', 192, 64, 'RO'],
  ['active', 256, 64, 'RO'],
]);
