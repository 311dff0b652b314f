/** Register MTRC_CAP (0x9040): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';
import { elements } from '../../nested.ts';

export const MTRC_CAP = layout('MTRC_CAP', 132, [
  ['trace_owner', 0, 1, 'RW'],
  ['trace_to_memory', 1, 1, 'RO'],
  ['trc_ver', 6, 2, 'RO'],
  ['num_string_db', 28, 4, 'RO'],
  ['first_string_trace', 32, 8, 'RO'],
  ['num_string_trace', 40, 8, 'RO'],
  ['tracer_capabilities', 64, 2, 'RO'],
  ['log_max_trace_buffer_size', 88, 8, 'RO'],
  ...elements('string_db_param', 8, 128, 64, [
    ['string_db_base_address', 0, 32, 'RO'],
    ['string_db_size', 40, 24, 'RO'],
  ]),
]);
