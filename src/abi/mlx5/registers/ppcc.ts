/** Register PPCC (0x506e): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const PPCC = layout('PPCC', 252, [
  ['target_app', 0, 4, 'INDEX'],
  ['local_port', 8, 8, 'INDEX'],
  ['pnat', 16, 2, 'INDEX'],
  ['lp_msb', 18, 2, 'INDEX'],
  ['cmd_type', 24, 8, 'OP'],
  ['algo_param_index', 32, 16, 'INDEX'],
  ['algo_slot', 60, 4, 'INDEX'],
  ['value', 64, 32, 'RW'],
  ['param_value1', 96, 32, 'RO'],
  ['param_value2', 128, 32, 'RO'],
  ['param_value3', 160, 32, 'RO'],
  ['sl_bitmask', 208, 16, 'RW'],
  ['cfg_counter_group_en', 235, 1, 'OP'],
  ['counter_group_id', 236, 4, 'RW'],
  ['text_length', 240, 8, 'RW'],
  ['trace_en', 251, 1, 'RW'],
  ['counter_en', 252, 1, 'RW'],
  ['sl_bitmask_support', 253, 1, 'RO'],
  ['prm', 254, 2, 'RO'],
  ['text[55]', 256, 32, 'RW'],
]);
