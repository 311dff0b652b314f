/** Register PBSR (0x5038): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';
import { elements } from '../../nested.ts';

export const PBSR = layout('PBSR', 100, [
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['buffer_type', 30, 2, 'INDEX'],
  ['clear_wm_buff_mask', 54, 10, 'OP'],
  ['clear_wm', 64, 1, 'OP'],
  ['used_shared_headroom_buffer', 80, 16, 'RO'],
  ...elements('stat_buffer', 10, 96, 64, [
    ['watermark', 16, 16, 'RO'],
    ['used_buffer', 48, 16, 'RO'],
  ]),
  ['stat_shared_headroom_pool.watermark', 752, 16, 'RO'],
  ['stat_shared_headroom_pool.used_buffer', 784, 16, 'RO'],
]);
