/** Register CORE_DUMP (0x402e): mlx5_ifc.h mlx5_ifc_core_dump_reg_bits. */
import { layout } from '../../bits.ts';

export const CORE_DUMP = layout('CORE_DUMP', 64, [
  ['more_dump', 0, 1, 'RO'],
  ['core_dump_type', 24, 8, 'INDEX'],
  ['vhca_id', 80, 16, 'INDEX'],
  ['qpn', 104, 24, 'INDEX'],
  ['mkey', 128, 32, 'INDEX'],
  ['size', 160, 32, 'RO'],
  ['address', 192, 64, 'INDEX'],
  ['cookie', 256, 64, 'RO'],
]);
