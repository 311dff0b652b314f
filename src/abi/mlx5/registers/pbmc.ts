/** Register PBMC (0x500c): HCA register data base of mstflint. */
import { type FieldRow, layout } from '../../bits.ts';
import { elements, nested } from '../../nested.ts';

const BUFFER: readonly FieldRow[] = [
  ['xon_xoff_threshold_mask_n', 0, 1, 'WO'],
  ['drop_over_max_mask', 5, 1, 'OP'],
  ['lossy', 6, 1, 'RW'],
  ['epsb', 7, 1, 'RW'],
  ['size', 16, 16, 'RW'],
  ['thresholds.bufferx_lossless_thresholds.xoff_threshold', 32, 16, 'RW'],
  ['thresholds.bufferx_lossless_thresholds.xon_threshold', 48, 16, 'RW'],
];

export const PBMC = layout('PBMC', 108, [
  ['local_port', 8, 8, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['xoff_timer_value', 32, 16, 'RW'],
  ['xoff_refresh', 48, 16, 'RW'],
  ['fullness_threshold', 73, 7, 'RW'],
  ['port_buffer_size', 80, 16, 'RO'],
  ...elements('buffer', 10, 96, 64, BUFFER),
  ...nested('shared_headroom_pool', 736, BUFFER),
  ...nested('port_shared_buffer', 800, BUFFER),
]);
