/**
 * Register QPDPM (0x4013): mlx5_ifc.h mlx5_ifc_qpdpm_reg_bits.
 * Data table.
 */
import { layout } from '../../bits.ts';
import { elements } from '../../nested.ts';

export const QPDPM = layout('QPDPM', 132, [
  ['local_port', 8, 8, 'INDEX'],
  ...elements('dscp', 64, 32, 16, [
    ['e', 0, 1, 'WO'],
    ['prio', 12, 4, 'RW'],
  ]),
]);
