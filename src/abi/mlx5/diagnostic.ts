/**
 * The three commands of diagnostic counters: [field, bit offset MSB first, bits]. Public only as mlx5ctl's diag_cnt.c.
 * Counter ids (SET's request, QUERY_PARAMS's reply) and samples (QUERY_COUNTERS' reply) follow the structures.
 */
import { type FieldRow, layout } from '../bits.ts';

/** diagnostic_params_context, from byte 8 of request or reply on. */
const context: readonly FieldRow[] = [
  ['num_of_counters', 64, 16],
  ['log_num_of_samples', 88, 8],
  ['single', 96, 1],
  ['repetitive', 97, 1],
  ['sync', 98, 1],
  ['clear', 99, 1],
  ['on_demand', 100, 1],
  ['enable', 101, 1],
  ['log_sample_period', 120, 8],
];

/** Where the counter ids begin: 4 bytes each, the id in the low half. */
export const PARAMS_BYTES = 32;
export const COUNTER_ID_BYTES = 4;

export const SET_DIAGNOSTIC_PARAMS = {
  request: layout('set_diagnostic_params_in', PARAMS_BYTES, context),
  reply: layout('set_diagnostic_params_out', 16, []),
};

export const QUERY_DIAGNOSTIC_PARAMS = {
  request: layout('query_diagnostic_params_in', 16, []),
  reply: layout('query_diagnostic_params_out', PARAMS_BYTES, context),
};

export const QUERY_DIAGNOSTIC_COUNTERS = {
  request: layout('query_diagnostic_cntrs_in', 16, [
    ['num_of_samples', 64, 16],
    ['sample_index', 80, 16],
  ]),
  reply: layout('query_diagnostic_cntrs_out', 16, []),
};

/** diagnostic_cntr_struct: one counter of one sample. */
export const DIAGNOSTIC_SAMPLE = layout('diagnostic_cntr_struct', 16, [
  ['counter_id', 0, 16],
  ['sample_id', 16, 16],
  ['time_stamp_31_0', 32, 32],
  ['counter_value', 64, 64],
]);
