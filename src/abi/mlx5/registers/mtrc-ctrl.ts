/** Register MTRC_CTRL (0x9043): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTRC_CTRL = layout('MTRC_CTRL', 64, [
  ['trace_status', 0, 2, 'RW'],
  ['arm_event', 4, 1, 'WO'],
  ['slcg_cmd', 14, 2, 'OP'],
  ['modify_field_select', 16, 16, 'WO'],
  ['current_timestamp_52_32', 75, 21, 'RO'],
  ['current_timestamp_31_0', 96, 32, 'RO'],
]);
