/**
 * Registers whose writes say which fields they change: the others stay as they are. All rows of the table that have
 * such a field are here, but for those that do more than keep values (PAOS, PMAOS, PTYS, PPLM, PPHCR, MTMP, in their
 * own files). Sources: PRM's field descriptions; mlx5_core port.c (mlx5_set_port_tc_group, mlx5_set_dscp2prio,
 * mlx5_set_port_pfc), lib/clock.c (MTPPS).
 */
import type { Layout } from '../../../abi/bits.ts';
import { MPEGC } from '../../../abi/mlx5/registers/mpegc.ts';
import { MTPPS } from '../../../abi/mlx5/registers/mtpps.ts';
import { MTRC_CTRL } from '../../../abi/mlx5/registers/mtrc-ctrl.ts';
import { PBMC } from '../../../abi/mlx5/registers/pbmc.ts';
import { PCNR } from '../../../abi/mlx5/registers/pcnr.ts';
import { PFCC } from '../../../abi/mlx5/registers/pfcc.ts';
import { PLDS } from '../../../abi/mlx5/registers/plds.ts';
import { PLTC } from '../../../abi/mlx5/registers/pltc.ts';
import { PPBMP } from '../../../abi/mlx5/registers/ppbmp.ts';
import { PPSC } from '../../../abi/mlx5/registers/ppsc.ts';
import { PPTB } from '../../../abi/mlx5/registers/pptb.ts';
import { QEEC } from '../../../abi/mlx5/registers/qeec.ts';
import { QETCR } from '../../../abi/mlx5/registers/qetcr.ts';
import { QPDPM } from '../../../abi/mlx5/registers/qpdpm.ts';
import { ROCE_ACCL } from '../../../abi/mlx5/registers/roce-accl.ts';
import { VHCA_ICM_CTRL } from '../../../abi/mlx5/registers/vhca-icm-ctrl.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';

type Write = (exchange: RegisterExchange<Mlx5Device>) => undefined;

interface Guard {
  readonly path: string;
  /** Whether the guard's value lets the fields be written. */
  opens(value: number): boolean;
  readonly fields: readonly string[];
}

/** Written where the bit is set. */
const when = (path: string, ...fields: string[]): Guard => ({ path, opens: (value) => value === 1, fields });
/** Written where the bit is clear. */
const unless = (path: string, ...fields: string[]): Guard => ({ path, opens: (value) => value === 0, fields });
/** Written where bit n of the select field is set: `fields[n]`. */
const selected = (path: string, fields: Readonly<Record<number, readonly string[]>>): Guard[] =>
  Object.entries(fields).map(([bit, names]) => ({
    path,
    opens: (value) => (value & (1 << Number(bit))) !== 0,
    fields: names,
  }));

/** Wide fields are copied as what they are. */
function guardedBy(layout: Layout, guards: readonly Guard[]): Write {
  const made = guards.map(({ path, opens, fields }) => ({
    guard: layout.word(path),
    opens,
    fields: fields.map((field) => layout.field(field)),
  }));
  return ({ input, output }) => {
    for (const { guard, opens, fields } of made) {
      if (opens(guard.get(input, 0))) continue;
      for (const field of fields) field.write(input, 0, field.read(output, 0));
    }
    return undefined;
  };
}

const classes = Array.from({ length: 8 }, (_, i) => `tc_configuration[${i}]`);
const codePoints = Array.from({ length: 64 }, (_, i) => `dscp[${i}]`);
const buffers = [...Array.from({ length: 10 }, (_, i) => `buffer[${i}]`), 'shared_headroom_pool', 'port_shared_buffer'];
const priorities = Array.from({ length: 8 }, (_, i) => i);

/** g: group, b: bandwidth share, r: rate limit. */
export const writeQetcr = guardedBy(QETCR, [
  ...classes.flatMap((entry) => [
    when(`${entry}.g`, `${entry}.group`),
    when(`${entry}.b`, `${entry}.bw_allocation`),
    when(`${entry}.r`, `${entry}.max_bw_units`, `${entry}.max_bw_value`),
  ]),
  when('global_configuration.r', 'global_configuration.max_bw_units', 'global_configuration.max_bw_value'),
]);

export const writeQpdpm = guardedBy(
  QPDPM,
  codePoints.map((entry) => when(`${entry}.e`, `${entry}.prio`)),
);

/** mase: the shaper; de: DWRR and its weight. */
export const writeQeec = guardedBy(QEEC, [when('mase', 'max_shaper_rate'), when('de', 'dwrr', 'dwrr_weight')]);

export const writePptb = guardedBy(PPTB, [
  ...selected('pm', Object.fromEntries(priorities.map((priority) => [priority, [`prio${priority}buff`]]))),
  when('um', 'untagged_buff'),
  when('cm', 'ctrl_buff'),
]);

export const writePbmc = guardedBy(
  PBMC,
  buffers.map((buffer) => {
    const thresholds = `${buffer}.thresholds.bufferx_lossless_thresholds`;
    return unless(`${buffer}.xon_xoff_threshold_mask_n`, `${thresholds}.xoff_threshold`, `${thresholds}.xon_threshold`);
  }),
);

const pfccFields = guardedBy(PFCC, [
  unless('ppan_mask_n', 'ppan'),
  unless('pptx_mask_n', 'pptx'),
  unless('pprx_mask_n', 'pprx'),
  when('mlb_mask', 'mlb'),
  when('minor_stall_mask', 'device_stall_minor_watermark'),
  when('critical_stall_mask', 'device_stall_critical_watermark'),
  when('packet_ratio_mask', 'packet_ratio'),
  when('cable_length_mask', 'cable_length'),
]);
const pfccBits = [
  [PFCC.word('prio_mask_tx'), PFCC.word('pfctx')],
  [PFCC.word('prio_mask_rx'), PFCC.word('pfcrx')],
] as const;

/** PFC is masked priority by priority. */
export const writePfcc: Write = (exchange) => {
  const { input, output } = exchange;
  for (const [mask, bits] of pfccBits) {
    const changes = mask.get(input, 0);
    bits.put(input, 0, (bits.get(output, 0) & ~changes) | (bits.get(input, 0) & changes));
  }
  return pfccFields(exchange);
};

export const writePpsc = guardedBy(PPSC, [when('up_th_vld', 'up_threshold'), when('down_th_vld', 'down_threshold')]);

export const writePcnr = guardedBy(
  PCNR,
  selected('flua_we_mask', {
    0: ['flua_en'],
    1: ['flua_allowed_ber'],
    2: ['flua_polling_sec'],
    3: ['flua_guar_sec'],
  }),
);

export const writePlds = guardedBy(
  PLDS,
  selected('set_mask', {
    0: ['link_dwn_local_error_cfg'],
    1: ['link_dwn_rmt_error_cfg'],
    2: ['link_dwn_rmt_disable_cfg'],
    3: ['link_dwn_rmt_sleep_cfg'],
    4: ['link_dwn_rmt_reset_cfg'],
    5: ['link_dwn_rmt_up_layer_cfg'],
    6: ['link_dwn_rmt_port_lock_cfg'],
    7: ['link_dwn_rmt_thermal_cfg'],
    8: ['link_dwn_rmt_contain_mode'],
  }),
);

/** precoding_mask: 0 both directions, 1 the receiver, 2 the transmitter. */
export const writePltc = guardedBy(PLTC, [
  { path: 'precoding_mask', opens: (value) => value !== 2, fields: ['local_rx_precoding_admin'] },
  { path: 'precoding_mask', opens: (value) => value !== 1, fields: ['local_tx_precoding_admin'] },
]);

const parameters = [...PPBMP.fields.values()]
  .filter(({ path, access }) => path.startsWith('monitor_parameters.') && access === 'RW')
  .map(({ path }) => path);

export const writePpbmp = guardedBy(PPBMP, [
  when('grp_prf_set', 'grp_prf'),
  when('time_window_w_en', 'time_window'),
  unless('monitor_parameters_w_ignore', ...parameters),
]);

export const writeMpegc = guardedBy(
  MPEGC,
  selected('field_select', {
    0: ['tx_lossy_overflow_oper'],
    1: ['outbound_stalled_reads_th'],
    2: ['outbound_stalled_writes_th'],
    3: ['tx_overflow_sense'],
    4: ['mark_cqe'],
    5: ['mark_cnp'],
    6: ['operation'],
    7: ['segment_base', 'segment_valid'],
  }),
);

export const writeMtpps = guardedBy(
  MTPPS,
  selected('field_select', {
    0: ['enable'],
    2: ['pattern'],
    3: ['pin_mode'],
    4: ['time_stamp'],
    5: ['out_pulse_duration'],
    6: ['out_periodic_adjustment'],
    7: ['enhanced_out_periodic_adjustment'],
    9: ['npps_period'],
    10: ['out_pulse_duration_ns'],
  }),
);

export const writeMtrcCtrl = guardedBy(MTRC_CTRL, selected('modify_field_select', { 0: ['trace_status'] }));

/** The select bits of a query say what can be changed; they are not written. */
const accelerations = [
  ['roce_adp_retrans_field_select', 'roce_adp_retrans_en'],
  ['roce_tx_window_field_select', 'roce_tx_window_en'],
  ['roce_slow_restart_field_select', 'roce_slow_restart_en'],
  ['roce_slow_restart_idle_field_select', 'roce_slow_restart_idle_en'],
  ['min_ack_timeout_limit_disabled_field_select', 'min_ack_timeout_limit_disabled'],
  ['adaptive_routing_forced_en_field_select', 'adaptive_routing_forced_en'],
  ['selective_repeat_forced_en_field_select', 'selective_repeat_forced_en'],
  ['dc_half_handshake_en_field_select', 'dc_half_handshake_en'],
  ['cc_per_plane_en_field_select', 'cc_per_plane_en'],
  ['ack_dscp_force_field_select', 'ack_dscp_force', 'ack_dscp'],
  ['cc_burst_size_select', 'cc_burst_size'],
  ['cc_probe_mp_mode_field_select', 'cc_probe_mp_mode'],
  ['ifa2_turn_around_select', 'ifa2_turn_around_en'],
] as const;
const retransmission = [...ROCE_ACCL.fields.values()]
  .filter(({ path, access }) => path.startsWith('adp_retx_profile.') && access === 'RW')
  .map(({ path }) => path);
const accelFields = guardedBy(ROCE_ACCL, [
  ...accelerations.map(([select, ...fields]) => when(select, ...fields)),
  when('adp_retx_profile_select', ...retransmission),
]);
const accelSelects = [...accelerations.map(([select]) => select), 'adp_retx_profile_select'].map((path) =>
  ROCE_ACCL.word(path),
);

/** What cannot be changed stays as it is, whatever its select bit says. */
export const writeRoceAccl: Write = (exchange) => {
  const { input, output } = exchange;
  for (const select of accelSelects) select.put(input, 0, select.get(input, 0) & select.get(output, 0));
  accelFields(exchange);
  for (const select of accelSelects) select.put(input, 0, select.get(output, 0));
  return undefined;
};

/** rst_max_reached_alloc_icm: the highest allocation starts anew from the current one. */
const icmMaximum = VHCA_ICM_CTRL.word('max_reached_alloc_icm');
const icmNow = VHCA_ICM_CTRL.word('cur_alloc_icm');
const icmReset = VHCA_ICM_CTRL.word('rst_max_reached_alloc_icm');
const icmFields = guardedBy(VHCA_ICM_CTRL, [when('max_alloc_icm_th_mask', 'max_alloc_icm_th')]);

export const writeVhcaIcmCtrl: Write = (exchange) => {
  const { input, output } = exchange;
  if (icmReset.get(input, 0) === 1) icmMaximum.put(output, 0, icmNow.get(output, 0));
  return icmFields(exchange);
};
