/** Register SBCAM (0xb01f): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const SBCAM = layout('SBCAM', 76, [
  ['feature_group', 8, 8, 'INDEX'],
  ['access_reg_group', 24, 8, 'INDEX'],
  ['sb_access_reg_cap_mask[4]', 64, 32, 'RO'],
  ['sb_feature_cap_mask[4]', 320, 32, 'RO'],
  ['cap_total_descriptors', 480, 16, 'RO'],
  ['cap_total_buffer_size', 512, 32, 'RO'],
  ['cap_cell_size', 544, 16, 'RO'],
  ['cap_max_pg_buffers', 560, 8, 'RO'],
  ['cap_num_pool_supported', 568, 8, 'RO'],
  ['cap_sbsr_stat_size', 584, 8, 'RO'],
  ['cap_max_tclass_sb', 592, 8, 'RO'],
  ['cap_max_cpu_ingress_tclass_sb', 600, 8, 'RO'],
]);
