/** Register RESOURCE_DUMP (0xc000): mlx5_ifc.h mlx5_ifc_resource_dump_bits. */
import { layout } from '../../bits.ts';

export const RESOURCE_DUMP = layout('RESOURCE_DUMP', 256, [
  ['more_dump', 0, 1, 'INDEX'],
  ['inline_dump', 1, 1, 'INDEX'],
  ['seq_num', 12, 4, 'INDEX'],
  ['segment_type', 16, 16, 'INDEX'],
  ['vhca_id', 48, 16, 'INDEX'],
  ['index1', 64, 32, 'INDEX'],
  ['index2', 96, 32, 'INDEX'],
  ['num_of_obj1', 128, 16, 'INDEX'],
  ['num_of_obj2', 144, 16, 'INDEX'],
  ['device_opaque', 192, 64, 'INDEX'],
  ['mkey', 256, 32, 'INDEX'],
  ['size', 288, 32, 'INDEX'],
  ['address', 320, 64, 'INDEX'],
  ['inline_data', 384, 1664, 'RO'],
]);
