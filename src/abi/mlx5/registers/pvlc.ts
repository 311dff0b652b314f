/** Register PVLC (0x500f): mlx5_ifc.h mlx5_ifc_pvlc_reg_bits. */
import { layout } from '../../bits.ts';

export const PVLC = layout('PVLC', 16, [
  ['local_port', 8, 8, 'INDEX'],
  ['vl_hw_cap', 60, 4, 'RO'],
  ['vl_admin', 92, 4, 'RW'],
  ['vl_operational', 124, 4, 'RO'],
]);
