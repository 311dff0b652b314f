/** Register VHCA_ICM_CTRL (0xc010): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const VHCA_ICM_CTRL = layout('VHCA_ICM_CTRL', 64, [
  ['vhca_id_valid', 0, 1, 'INDEX'],
  ['vhca_id', 16, 16, 'INDEX'],
  ['max_alloc_icm_th_mask', 32, 1, 'WO'],
  ['rst_max_reached_alloc_icm', 34, 1, 'WO'],
  ['vhca_group_id', 112, 16, 'RW'],
  ['max_alloc_icm_th', 128, 32, 'RW'],
  ['cur_alloc_icm', 192, 32, 'RO'],
  ['max_reached_alloc_icm', 256, 32, 'RO'],
]);
