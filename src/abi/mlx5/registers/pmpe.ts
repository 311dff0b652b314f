/** Register PMPE (0x5010): mlx5_ifc.h mlx5_ifc_pmpe_reg_bits. */
import { layout } from '../../bits.ts';

export const PMPE = layout('PMPE', 16, [
  ['module', 8, 8, 'INDEX'],
  ['module_status', 28, 4, 'RO'],
]);
