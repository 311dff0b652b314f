/** Register QETCR (0x4005): mlx5_ifc.h mlx5_ifc_qetc_reg_bits. */
import { layout } from '../../bits.ts';
import { elements } from '../../nested.ts';

export const QETCR = layout('QETCR', 80, [
  ['port_number', 8, 8, 'INDEX'],
  ...elements('tc_configuration', 8, 64, 64, [
    ['g', 0, 1, 'WO'],
    ['b', 1, 1, 'WO'],
    ['r', 2, 1, 'WO'],
    ['group', 12, 4, 'RW'],
    ['bw_allocation', 25, 7, 'RW'],
    ['max_bw_units', 44, 4, 'RW'],
    ['max_bw_value', 56, 8, 'RW'],
  ]),
  ['global_configuration.r', 578, 1, 'WO'],
  ['global_configuration.max_bw_units', 620, 4, 'RW'],
  ['global_configuration.max_bw_value', 632, 8, 'RW'],
]);
