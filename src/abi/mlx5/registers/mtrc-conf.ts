/** Register MTRC_CONF (0x9041): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTRC_CONF = layout('MTRC_CONF', 128, [
  ['trace_mode', 28, 4, 'RW'],
  ['log_trace_buffer_size', 56, 8, 'RW'],
  ['trace_mkey', 64, 32, 'RW'],
]);
