/**
 * Fields that say what a write changes, register by register: closed, the guarded fields stay; open, they are written;
 * and the others are written either way. The table is the PRM's, read a second time.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FieldInput, Layout } from '../../../../src/abi/bits.ts';
import { laidOut } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { MPEGC } from '../../../../src/abi/mlx5/registers/mpegc.ts';
import { MTMP } from '../../../../src/abi/mlx5/registers/mtmp.ts';
import { MTPPS } from '../../../../src/abi/mlx5/registers/mtpps.ts';
import { MTRC_CTRL } from '../../../../src/abi/mlx5/registers/mtrc-ctrl.ts';
import { PAOS } from '../../../../src/abi/mlx5/registers/paos.ts';
import { PBMC } from '../../../../src/abi/mlx5/registers/pbmc.ts';
import { PCNR } from '../../../../src/abi/mlx5/registers/pcnr.ts';
import { PFCC } from '../../../../src/abi/mlx5/registers/pfcc.ts';
import { PLDS } from '../../../../src/abi/mlx5/registers/plds.ts';
import { PLTC } from '../../../../src/abi/mlx5/registers/pltc.ts';
import { PMAOS } from '../../../../src/abi/mlx5/registers/pmaos.ts';
import { PPBMP } from '../../../../src/abi/mlx5/registers/ppbmp.ts';
import { PPLM } from '../../../../src/abi/mlx5/registers/pplm.ts';
import { PPSC } from '../../../../src/abi/mlx5/registers/ppsc.ts';
import { PPTB } from '../../../../src/abi/mlx5/registers/pptb.ts';
import { PTYS } from '../../../../src/abi/mlx5/registers/ptys.ts';
import { QEEC } from '../../../../src/abi/mlx5/registers/qeec.ts';
import { ROCE_ACCL } from '../../../../src/abi/mlx5/registers/roce-accl.ts';
import { VHCA_ICM_CTRL } from '../../../../src/abi/mlx5/registers/vhca-icm-ctrl.ts';
import { connectx7 } from '../../../../src/devices/mlx5/connectx7.ts';
import { rig } from './rig.ts';

type Values = Readonly<Record<string, FieldInput>>;

/** [register, values that open the guard, values that close it, what is guarded] */
const guards: readonly (readonly [Layout, Values, Values, Values])[] = [
  [MPEGC, { field_select: 0x01 }, { field_select: 0xfe }, { tx_lossy_overflow_oper: 1 }],
  [MPEGC, { field_select: 0x02 }, { field_select: 0xfd }, { outbound_stalled_reads_th: 9 }],
  [MPEGC, { field_select: 0x04 }, { field_select: 0xfb }, { outbound_stalled_writes_th: 9 }],
  [MPEGC, { field_select: 0x08 }, { field_select: 0xf7 }, { tx_overflow_sense: 1 }],
  [MPEGC, { field_select: 0x30 }, { field_select: 0xcf }, { mark_cqe: 1, mark_cnp: 1 }],
  [MPEGC, { field_select: 0x80 }, { field_select: 0x7f }, { segment_base: 3, segment_valid: 1 }],
  [MTPPS, { field_select: 1 }, { field_select: 0xffff_fffe }, { enable: 1 }],
  [MTPPS, { field_select: 0b1100 }, { field_select: 0b0011 }, { pattern: 1, pin_mode: 1 }],
  [MTPPS, { field_select: 1 << 4 }, { field_select: 0 }, { time_stamp: 99n }],
  [MTPPS, { field_select: (1 << 9) | (1 << 10) }, { field_select: 1 }, { npps_period: 7n, out_pulse_duration_ns: 8 }],
  [MTRC_CTRL, { modify_field_select: 1 }, { modify_field_select: 2 }, { trace_status: 1 }],
  [PFCC, { pptx_mask_n: 0 }, { pptx_mask_n: 1 }, { pptx: 0 }],
  [PFCC, { pprx_mask_n: 0 }, { pprx_mask_n: 1 }, { pprx: 0 }],
  [PFCC, { ppan_mask_n: 0 }, { ppan_mask_n: 1 }, { ppan: 1 }],
  [PFCC, { prio_mask_tx: 0x0f }, { prio_mask_tx: 0xf0 }, { pfctx: 0x05 }],
  [PFCC, { prio_mask_rx: 0x0f }, { prio_mask_rx: 0xf0 }, { pfcrx: 0x05 }],
  [PFCC, { minor_stall_mask: 1 }, { minor_stall_mask: 0 }, { device_stall_minor_watermark: 80 }],
  [PFCC, { critical_stall_mask: 1 }, { critical_stall_mask: 0 }, { device_stall_critical_watermark: 90 }],
  [PFCC, { cable_length_mask: 1 }, { cable_length_mask: 0 }, { cable_length: 5 }],
  [PPTB, { pm: 0b100 }, { pm: 0b011 }, { prio2buff: 1 }],
  [PPSC, { up_th_vld: 1 }, { up_th_vld: 0 }, { up_threshold: 3 }],
  [PPSC, { down_th_vld: 1 }, { down_th_vld: 0 }, { down_threshold: 30 }],
  [
    PBMC,
    { 'buffer[1].xon_xoff_threshold_mask_n': 0 },
    { 'buffer[1].xon_xoff_threshold_mask_n': 1 },
    { 'buffer[1].thresholds.bufferx_lossless_thresholds.xon_threshold': 7 },
  ],
  [PCNR, { flua_we_mask: 0b0001 }, { flua_we_mask: 0b1110 }, { flua_en: 1 }],
  [PCNR, { flua_we_mask: 0b0100 }, { flua_we_mask: 0b1011 }, { flua_polling_sec: 4 }],
  [PLDS, { set_mask: 0b1 }, { set_mask: 0b110 }, { link_dwn_local_error_cfg: 2 }],
  [PLTC, { precoding_mask: 1 }, { precoding_mask: 2 }, { local_rx_precoding_admin: 1 }],
  [PLTC, { precoding_mask: 0 }, { precoding_mask: 1 }, { local_tx_precoding_admin: 1 }],
  [PPBMP, { time_window_w_en: 1 }, { time_window_w_en: 0 }, { time_window: 77 }],
  [PPBMP, { grp_prf_set: 1 }, { grp_prf_set: 0 }, { grp_prf: 2 }],
  [
    PPBMP,
    { monitor_parameters_w_ignore: 0 },
    { monitor_parameters_w_ignore: 1 },
    { 'monitor_parameters.ppbmp_monitor_parameters_ext.alarm_th_exp': 9 },
  ],
  [QEEC, { mase: 1 }, { mase: 0 }, { max_shaper_rate: 1000 }],
  [QEEC, { de: 1 }, { de: 0 }, { dwrr: 1, dwrr_weight: 40 }],
  [ROCE_ACCL, { roce_tx_window_field_select: 1 }, { roce_tx_window_field_select: 0 }, { roce_tx_window_en: 1 }],
  [ROCE_ACCL, { roce_adp_retrans_field_select: 1 }, { roce_adp_retrans_field_select: 0 }, { roce_adp_retrans_en: 0 }],
  [VHCA_ICM_CTRL, { max_alloc_icm_th_mask: 1 }, { max_alloc_icm_th_mask: 0 }, { max_alloc_icm_th: 5000 }],
  [MTMP, { weme: 0 }, { weme: 1 }, { temperature_threshold_hi: 800 }],
  [MTMP, { weme: 1 }, { sdme: 1 }, { tee: 1 }],
  [PAOS, { ase: 1 }, { ase: 0 }, { admin_status: 2 }],
  [PAOS, { ee: 1 }, { ee: 0 }, { e: 1 }],
  [PMAOS, { ase: 1 }, { ase: 0 }, { admin_status: 2 }],
  [PMAOS, { ee: 1 }, { ee: 0 }, { e: 1 }],
  [PPLM, { plr_vld: 1 }, { plr_vld: 0 }, { plr_margin_th: 3 }],
  [PTYS, { ee_tx_ready: 1 }, { ee_tx_ready: 0 }, { tx_ready_e: 1, transmit_allowed: 1 }],
];

describe('masked writes', () => {
  for (const [layout, open, closed, values] of guards) {
    const guard = Object.entries(open).map(([field, value]) => `${field} ${value}`);
    it(`${layout.name}: ${Object.keys(values).join(', ')} by ${guard.join(', ')}`, () => {
      const machine = rig({}, connectx7);
      const { id } = laidOut(layout);
      const select: Values = layout.has('local_port') ? { local_port: 1 } : {};
      // Everything else of the register is written as it stands, so that what changes is the guard's doing.
      const now = () => layout.decode(machine.readRegister(id, layout.encode(select), 16 + layout.bytes).data);
      const shown = () => Object.fromEntries(Object.keys(values).map((path) => [path, now()[path]]));
      const write = (guarding: Values) => {
        const rest = Object.entries(now()).filter(([path]) => layout.field(path).access === 'RW');
        const data = layout.encode({ ...Object.fromEntries(rest), ...select, ...values, ...guarding });
        assert.equal(machine.writeRegister(id, data).status, 0);
      };
      const before = shown();
      write(closed);
      assert.deepEqual(shown(), before, 'closed');
      write(open);
      assert.notDeepEqual(shown(), before);
      for (const [path, value] of Object.entries(values)) assert.equal(shown()[path], value, path);
    });
  }

  it('a capability that ROCE_ACCL does not show cannot be selected, and stays so', () => {
    const machine = rig();
    const { id } = laidOut(ROCE_ACCL);
    machine.writeRegister(id, ROCE_ACCL.encode({ cc_per_plane_en_field_select: 1, cc_per_plane_en: 1 }));
    const after = ROCE_ACCL.decode(machine.readRegister(id).data);
    assert.deepEqual([after.cc_per_plane_en, after.cc_per_plane_en_field_select], [0, 0]);
    assert.equal(after.roce_tx_window_field_select, 1, 'what can be changed is still said');
  });
});
