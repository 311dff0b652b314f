/** Register MTRC_CAP (0x9040): HCA register data base of mstflint. */
import { layout } from '../../bits.ts';

export const MTRC_CAP = layout('MTRC_CAP', 132, [
  ['trace_owner', 0, 1, 'RW'],
  ['trace_to_memory', 1, 1, 'RO'],
  ['trc_ver', 6, 2, 'RO'],
  ['num_string_db', 28, 4, 'RO'],
  ['first_string_trace', 32, 8, 'RO'],
  ['num_string_trace', 40, 8, 'RO'],
  ['tracer_capabilities', 64, 2, 'RO'],
  ['log_max_trace_buffer_size', 88, 8, 'RO'],
  ['string_db_param[0].string_db_base_address', 128, 32, 'RO'],
  ['string_db_param[0].string_db_size', 168, 24, 'RO'],
  ['string_db_param[1].string_db_base_address', 192, 32, 'RO'],
  ['string_db_param[1].string_db_size', 232, 24, 'RO'],
  ['string_db_param[2].string_db_base_address', 256, 32, 'RO'],
  ['string_db_param[2].string_db_size', 296, 24, 'RO'],
  ['string_db_param[3].string_db_base_address', 320, 32, 'RO'],
  ['string_db_param[3].string_db_size', 360, 24, 'RO'],
  ['string_db_param[4].string_db_base_address', 384, 32, 'RO'],
  ['string_db_param[4].string_db_size', 424, 24, 'RO'],
  ['string_db_param[5].string_db_base_address', 448, 32, 'RO'],
  ['string_db_param[5].string_db_size', 488, 24, 'RO'],
  ['string_db_param[6].string_db_base_address', 512, 32, 'RO'],
  ['string_db_param[6].string_db_size', 552, 24, 'RO'],
  ['string_db_param[7].string_db_base_address', 576, 32, 'RO'],
  ['string_db_param[7].string_db_size', 616, 24, 'RO'],
]);
