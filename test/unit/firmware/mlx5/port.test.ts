/**
 * One port: whatever is written to its registers in whatever order, all of them tell the same. The rules are read here
 * a second time, from the answers alone and with tables of their own; nothing of firmware/mlx5/port/ is imported.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FieldInput, Layout } from '../../../../src/abi/bits.ts';
import type { Mlx5DeviceProfile } from '../../../../src/abi/mlx5/device-profile.ts';
import { laidOut } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { MCIA } from '../../../../src/abi/mlx5/registers/mcia.ts';
import { MTMP } from '../../../../src/abi/mlx5/registers/mtmp.ts';
import { PAOS } from '../../../../src/abi/mlx5/registers/paos.ts';
import { PDDR } from '../../../../src/abi/mlx5/registers/pddr.ts';
import { PMAOS } from '../../../../src/abi/mlx5/registers/pmaos.ts';
import { PMPE } from '../../../../src/abi/mlx5/registers/pmpe.ts';
import { PPAOS } from '../../../../src/abi/mlx5/registers/ppaos.ts';
import { PPCNT } from '../../../../src/abi/mlx5/registers/ppcnt.ts';
import { PPHCR } from '../../../../src/abi/mlx5/registers/pphcr.ts';
import { PPLM } from '../../../../src/abi/mlx5/registers/pplm.ts';
import { PPLR } from '../../../../src/abi/mlx5/registers/pplr.ts';
import { PPRT } from '../../../../src/abi/mlx5/registers/pprt.ts';
import { PPTT } from '../../../../src/abi/mlx5/registers/pptt.ts';
import { PTYS } from '../../../../src/abi/mlx5/registers/ptys.ts';
import { PUDE } from '../../../../src/abi/mlx5/registers/pude.ts';
import { SLRG } from '../../../../src/abi/mlx5/registers/slrg.ts';
import { SLTP } from '../../../../src/abi/mlx5/registers/sltp.ts';
import { bluefield3 } from '../../../../src/devices/mlx5/bluefield3.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import { connectx7 } from '../../../../src/devices/mlx5/connectx7.ts';
import { applyOverrides } from '../../../../src/devices/mlx5/overrides.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { type Rig, rig } from './rig.ts';

type Fields = Readonly<Record<string, FieldInput>>;

function read(machine: Rig, layout: Layout, fields: Fields = {}): Record<string, number> {
  const answer = machine.readRegister(laidOut(layout).id, layout.encode(fields), 16 + layout.bytes);
  assert.deepEqual([answer.status, answer.syndrome], [0, 0], layout.name);
  return layout.decode(answer.data) as Record<string, number>;
}

/** The syndrome; 0: it was taken. */
function write(machine: Rig, layout: Layout, fields: Fields): number {
  return machine.writeRegister(laidOut(layout).id, layout.encode(fields)).syndrome;
}

const port = { local_port: 1 } as const;
const page = (machine: Rig, page_select: number) => read(machine, PDDR, { ...port, page_select });
const operational = (fields: Record<string, number>, name: string) =>
  fields[`page_data.pddr_operation_info_page.${name}`] ?? Number.NaN;

/** Speeds by bit of PTYS: Gb/s, lanes, Gb/s of a lane, PPLM's name of the FEC. */
const SPEEDS: Readonly<Record<number, readonly [number, number, number, string]>> = {
  1: [1, 1, 1, ''],
  4: [10, 1, 10, '10g_40g'],
  5: [40, 4, 10, '10g_40g'],
  6: [25, 1, 25, '25g'],
  7: [50, 2, 25, '50g'],
  8: [50, 1, 50, '50g_1x'],
  9: [100, 4, 25, '100g'],
  10: [100, 2, 50, '100g_2x'],
  11: [100, 1, 100, '100g_1x'],
  12: [200, 4, 50, '200g_4x'],
  13: [200, 2, 100, '200g_2x'],
  16: [400, 4, 100, '400g_4x'],
};
const CODE_WORDS: Readonly<Record<number, number>> = { 2: 3, 7: 1, 9: 2 };

/** Everything that can be seen of a port agrees. */
function agrees(machine: Rig): void {
  const paos = read(machine, PAOS, port);
  const ptys = read(machine, PTYS, port);
  const pplm = read(machine, PPLM, port);
  const ppaos = read(machine, PPAOS, port);
  const pphcr = read(machine, PPHCR, port);
  const oper = page(machine, 0);
  const trouble = page(machine, 1)[
    'page_data.pddr_troubleshooting_page.status_opcode.pddr_monitor_opcode.monitor_opcode'
  ];
  const module = page(machine, 3);
  const pmaos = read(machine, PMAOS);
  const up = paos.oper_status === 1;
  const closed = paos.admin_status === 2;
  const unplugged = pmaos.oper_status === 2;

  // Up or down, everywhere.
  assert.equal(read(machine, PUDE, port).oper_status, paos.oper_status);
  assert.equal(read(machine, PUDE, port).admin_status, paos.admin_status);
  assert.equal(operational(oper, 'phy_mngr_fsm_state') === 3, up, 'PDDR active');
  assert.equal(paos.physical_state_status, up ? 5 : closed ? 3 : 2);
  assert.equal(trouble === 0, up, `status opcode ${trouble}`);
  assert.equal(trouble === 1, closed);
  if (!up && !closed) assert.equal(trouble === 1024, unplugged, 'unplugged is what is said of it');
  if (closed) assert.ok(!up);
  assert.equal(module['page_data.pddr_module_info.cable_type'] === 4, unplugged);
  assert.equal(read(machine, PMPE).module_status, unplugged ? 2 : pmaos.admin_status === 2 ? 4 : 1);
  const eeprom = read(machine, MCIA, { i2c_device_address: 0x50, size: 1 });
  assert.equal(eeprom.status === 3, unplugged, 'MCIA: no module');
  assert.equal(ptys.connector_type === 1, unplugged);

  // One speed.
  const active = operational(oper, 'link_active.pddr_link_active_eth.link_eth_active');
  assert.equal(ptys.ext_eth_proto_oper, active);
  assert.equal(active !== 0, up, 'a link that is up has a speed');
  assert.equal(
    (active & (active - 1)) | (active & ~(ptys.ext_eth_proto_admin ?? 0)),
    0,
    'one speed, of those asked for',
  );
  const speed = SPEEDS[31 - Math.clz32(active)];
  assert.equal(ptys.data_rate_oper, (speed?.[0] ?? 0) * 10);
  const lanes = speed?.[1] ?? 0;
  const older = ptys.eth_proto_oper ?? 0;
  assert.equal(older & ~(ptys.eth_proto_admin ?? 0), 0, 'the older mask says one of those that it offers');
  if (speed !== undefined && speed[2] < 50) assert.notEqual(older, 0, 'the older mask has all NRZ speeds');

  // One FEC.
  const fec = operational(oper, 'fec_mode_active');
  assert.equal(pplm.fec_mode_active, up ? 1 << fec : 0);
  if (speed !== undefined) {
    const [, , perLane, name] = speed;
    const [cap, admin] = ['cap', 'admin'].map((what) => pplm[`fec_override_${what}_${name}`] ?? 1);
    assert.notEqual((cap ?? 0) & (1 << fec), 0, `FEC ${fec} of ${name}: ${cap}`);
    if (name !== '' && (admin ?? 0) !== 0) assert.notEqual((admin ?? 0) & (1 << fec), 0, 'what is asked for');
    if (perLane >= 50) assert.ok(fec === 7 || fec === 9, 'PAM4 needs RS(544,514) or its short form');
  }
  assert.equal(pphcr.active_hist_type, up ? (CODE_WORDS[fec] ?? 0) : 0);
  assert.equal(pphcr.num_of_bins === 0, pphcr.active_hist_type === 0);

  // Loopback, lanes, eyes, transmitters.
  assert.equal(operational(oper, 'loopback_mode'), closed ? 0 : read(machine, PPLR, port).lb_en);
  const testing = ppaos.phy_test_mode_status === 1;
  assert.equal(testing, closed && ppaos.phy_test_mode_admin === 1);
  for (let lane = 0; lane < 4; lane++) {
    assert.equal(read(machine, SLRG, { ...port, lane }).status === 1, testing || lane < lanes, `SLRG lane ${lane}`);
    assert.equal(read(machine, SLTP, { ...port, lane }).status === 1, testing || lane < lanes, `SLTP lane ${lane}`);
  }
  const [rx, tx] = [read(machine, PPRT, port), read(machine, PPTT, port)];
  if (!testing) assert.equal(rx.prbs_lock_status, 0);
  else if ((rx.prbs_lock_status ?? 0) & 1) {
    assert.deepEqual([rx.prbs_mode_admin, rx.lane_rate_oper], [tx.prbs_mode_admin, tx.lane_rate_admin]);
  }

  // What is carried: nothing while it is down, code words at the line's rate while it is up.
  const before = counters(machine);
  machine.pass(1e9);
  const after = counters(machine);
  assert.equal(after.frames > before.frames, up);
  assert.equal(after.words > before.words, up && CODE_WORDS[fec] !== undefined);
  assert.equal(after.bins > before.bins, up && CODE_WORDS[fec] !== undefined);
}

function counters(machine: Rig) {
  const get = (grp: number, path: string) => {
    const view = machine.readRegister(laidOut(PPCNT).id, PPCNT.encode({ ...port, grp })).data;
    return BigInt(PPCNT.get(view, `counter_set.${path}`) as bigint);
  };
  const bins = Array.from({ length: 21 }, (_, i) => get(0x23, `ppcnt_rs_fec_histograms_counters.hist[${i}]`));
  return {
    frames: get(0, 'eth_802_3_cntrs_grp_data_layout.a_frames_transmitted_ok'),
    words: get(0x12, 'phys_layer_cntrs.rs_fec_no_errors_blocks'),
    bins: bins.reduce((sum, bin) => sum + bin, 0n),
  };
}

type Step = readonly [name: string, run: (machine: Rig) => void];
const step = (name: string, run: (machine: Rig) => void): Step => [name, run];

const bit = fc.constantFrom(...Object.keys(SPEEDS).map(Number));
const masks = fc.array(bit, { minLength: 1, maxLength: 4 }).map((bits) => bits.reduce((mask, n) => mask | (1 << n), 0));
const fecNames = [...new Set(Object.values(SPEEDS).map(([, , , name]) => name))].filter((name) => name !== '');
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc
    .constantFrom(1, 2, 3)
    .map((admin_status) => step(`PAOS ${admin_status}`, (m) => write(m, PAOS, { ...port, ase: 1, admin_status }))),
  masks.map((mask) => step(`PTYS ${mask.toString(16)}`, (m) => write(m, PTYS, { ...port, ext_eth_proto_admin: mask }))),
  fc
    .constantFrom(0x40, 0x1000, 0x0810_0000, 0x4000_0000, 0x0800_0000)
    .map((mask) => step(`PTYS older ${mask.toString(16)}`, (m) => write(m, PTYS, { ...port, eth_proto_admin: mask }))),
  fc.tuple(fc.constantFrom(...fecNames), fc.constantFrom(0, 1, 2, 4, 5, 0x80, 0x200, 0x280)).map(([name, mask]) =>
    step(`PPLM ${name} ${mask}`, (m) => {
      const field = `fec_override_admin_${name}`;
      if (mask <= PPLM.word(field).max) write(m, PPLM, { ...port, [field]: mask });
    }),
  ),
  fc.constantFrom(0, 1, 2, 4, 6).map((lb_en) => step(`PPLR ${lb_en}`, (m) => write(m, PPLR, { ...port, lb_en }))),
  fc
    .constantFrom(0, 1)
    .map((phy_test_mode_admin) =>
      step(`PPAOS ${phy_test_mode_admin}`, (m) => write(m, PPAOS, { ...port, phy_test_mode_admin })),
    ),
  fc.tuple(fc.constantFrom(0, 5, 17, 30), fc.constantFrom(0, 5, 6, 7, 8)).map(([prbs_mode_admin, rate]) =>
    step(`PRBS ${prbs_mode_admin} at ${rate}`, (m) => {
      write(m, PPRT, { ...port, e: 1, prbs_mode_admin, lane_rate_oper: rate });
      write(m, PPTT, { ...port, e: 1, prbs_mode_admin: 5, lane_rate_admin: rate });
    }),
  ),
  fc
    .constantFrom(1, 2)
    .map((admin_status) => step(`PMAOS ${admin_status}`, (m) => write(m, PMAOS, { ase: 1, admin_status }))),
  fc.constantFrom('none', 'copper-qsfp28', 'optics-qsfp28', 'copper-qsfp56', 'optics-osfp', 'copper-osfp').map((name) =>
    step(`module ${name}`, (m) => {
      const live = m.firmware.liveValues();
      live.adopt(applyOverrides(live.profile, { 'ports.module': name }));
    }),
  ),
  fc
    .constantFrom(1, 2)
    .map((status) =>
      step(`pulled ${status}`, (m) =>
        m.firmware.liveValues().writeRegister('PMAOS', { module: 0 }, 'oper_status', status),
      ),
    ),
);

describe('the registers of a port', () => {
  for (const profile of [connectx6dx, connectx7, bluefield3] satisfies Mlx5DeviceProfile[]) {
    it(`${profile.name}: agree after any sequence of writes, pulled cables and plugged modules`, () => {
      fc.assert(
        fc.property(fc.array(steps, { maxLength: 10 }), (sequence) => {
          const machine = rig({}, profile);
          for (const [, run] of sequence) run(machine);
          agrees(machine);
        }),
        { numRuns: 100 },
      );
    });
  }

  it('a counter never goes back, whatever the link does', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 8 }), (sequence) => {
        const machine = rig();
        let last = counters(machine);
        for (const [, run] of sequence) {
          run(machine);
          machine.pass(3e8);
          const now = counters(machine);
          assert.ok(now.frames >= last.frames && now.words >= last.words);
          last = now;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a write is answered with what is then so', () => {
    const machine = rig();
    const answer = machine.writeRegister(laidOut(PTYS).id, PTYS.encode({ ...port, ext_eth_proto_admin: 1 << 6 }));
    assert.equal(PTYS.get(answer.data, 'ext_eth_proto_oper'), 1 << 6);
    const down = machine.writeRegister(laidOut(PAOS).id, PAOS.encode({ ...port, ase: 1, admin_status: 2 }));
    assert.equal(PAOS.get(down.data, 'oper_status'), 2);
  });
});

describe('modules', () => {
  it('a cable is pulled from one port of two, and plugged', () => {
    const machine = rig({ 'identity.num_ports': 2 });
    const live = machine.firmware.liveValues();
    const status = (local_port: number) => read(machine, PAOS, { local_port }).oper_status;
    live.writeRegister('PMAOS', { module: 1 }, 'oper_status', 2);
    assert.deepEqual([status(1), status(2)], [1, 2]);
    live.writeRegister('PMAOS', { module: 1 }, 'oper_status', 1);
    assert.deepEqual([status(1), status(2)], [1, 1]);
  });

  it('optics have monitors, and their temperature is sensor 64; copper has none', () => {
    const at = (name: string) => rig({ 'ports.module': name });
    const celsius = (machine: Rig) => (read(machine, MTMP, { sensor_index: 64 }).temperature ?? 0) / 8;
    assert.deepEqual([celsius(at('optics-qsfp28')), celsius(at('copper-qsfp28')), celsius(at('none'))], [45, 0, 0]);
    const power = (ext: number) =>
      read(at('optics-qsfp28'), PDDR, { ...port, page_select: 3, module_info_ext: ext })[
        'page_data.pddr_module_info.rx_power_lane0'
      ];
    assert.deepEqual([power(1), power(0)], [794, 0xffff], 'microwatts, and whole dBm: -1');
    const thresholds = { i2c_device_address: 0x50, page_number: 3, device_address: 128, size: 8 };
    const memory = (name: string, page_number: number) => {
      const { data } = at(name).readRegister(laidOut(MCIA).id, MCIA.encode({ ...thresholds, page_number }));
      return Array.from({ length: 8 }, (_, i) => data.getUint8(16 + i));
    };
    assert.notDeepEqual(memory('optics-qsfp28', 3), memory('optics-qsfp28', 0));
    assert.deepEqual(memory('copper-qsfp28', 3), memory('copper-qsfp28', 0), 'a module falls back to the page it has');
    const copper = at('copper-qsfp28');
    assert.equal(write(copper, MCIA, { ...thresholds, size: 1 }), REFUSAL.MODULE_PAGE.syndrome);
  });

  it('what is written into a module reads back, stays with it, and is not its identity', () => {
    const machine = rig();
    const byte = (device_address: number) => {
      const fields = { i2c_device_address: 0x50, device_address, size: 1 };
      return machine.readRegister(laidOut(MCIA).id, MCIA.encode(fields)).data.getUint8(16);
    };
    const put = (device_address: number, value: number) =>
      write(machine, MCIA, { i2c_device_address: 0x50, device_address, size: 1, dword: Uint8Array.of(value) });
    assert.deepEqual([put(127, 1), byte(127)], [0, 1]);
    assert.deepEqual([put(148, 1), byte(148)], [REFUSAL.MODULE_READ_ONLY.syndrome, 0x4d]);
    const live = machine.firmware.liveValues();
    const plug = (name: string) => live.adopt(applyOverrides(live.profile, { 'ports.module': name }));
    plug('optics-qsfp28');
    assert.equal(byte(127), 0, 'another module has its own memory');
    plug('none');
    assert.equal(put(127, 1), REFUSAL.MODULE_BUS.syndrome);
  });

  it('an operator’s operational speed is the fastest that the partner has', () => {
    const machine = rig();
    machine.firmware.liveValues().writeRegister('PTYS', { local_port: 1 }, 'ext_eth_proto_oper', 1 << 6);
    const active = operational(page(machine, 0), 'link_active.pddr_link_active_eth.link_eth_active');
    assert.equal(active, 1 << 6);
    agrees(machine);
  });
});

describe('PPRT, PPTT, PPHCR', () => {
  const closed = () => {
    const machine = rig();
    assert.equal(write(machine, PAOS, { ...port, ase: 1, admin_status: 2 }), 0);
    return machine;
  };

  it('each lane has its own pattern, or all have one; a lane locks where both sides agree', () => {
    const machine = closed();
    assert.equal(write(machine, PPTT, { ...port, e: 1, lane_rate_admin: 5 }), 0);
    assert.equal(write(machine, PPRT, { ...port, e: 1, lane_rate_oper: 5 }), 0);
    assert.equal(write(machine, PPRT, { ...port, le: 1, lane: 2, e: 1, prbs_mode_admin: 5, lane_rate_oper: 5 }), 0);
    assert.equal(write(machine, PPAOS, { ...port, phy_test_mode_admin: 1 }), 0);
    const lane = (n: number) => read(machine, PPRT, { ...port, le: 1, lane: n }).prbs_mode_admin;
    assert.deepEqual([lane(1), lane(2), read(machine, PPRT, port).prbs_lock_status], [0, 5, 0b1011]);
    write(machine, PPRT, { ...port, e: 1, s: 1 });
    assert.deepEqual([lane(2), read(machine, PPRT, port).prbs_lock_status], [0, 0b1111], 'all lanes again');
  });

  it('a lane that is set alone leaves the others off', () => {
    const machine = closed();
    write(machine, PPTT, { ...port, le: 1, lane: 0, e: 1, lane_rate_admin: 5 });
    write(machine, PPRT, { ...port, le: 1, lane: 0, e: 1, lane_rate_oper: 5 });
    write(machine, PPAOS, { ...port, phy_test_mode_admin: 1 });
    assert.equal(read(machine, PPRT, port).prbs_lock_status, 0b0001);
    assert.deepEqual(
      [0, 1].map((n) => read(machine, PPRT, { ...port, le: 1, lane: n }).e),
      [1, 0],
    );
  });

  it('refuses rates and patterns that the port has not, and a test mode while it is open', () => {
    const value = REFUSAL.REGISTER_VALUE.syndrome;
    assert.equal(write(closed(), PPRT, { ...port, e: 1, lane_rate_oper: 7 }), value, 'NDR');
    assert.equal(write(closed(), PPRT, { ...port, e: 1, lane_rate_oper: 5, prbs_mode_admin: 30 }), value);
    assert.equal(write(rig(), PPAOS, { ...port, phy_test_mode_admin: 1 }), value);
  });

  it('bins are moved by mask, and count what falls into them', () => {
    const machine = rig();
    const bins = { 'bin_range[0].high_val': 1, 'bin_range[1].low_val': 2, 'bin_range[1].high_val': 2 };
    assert.equal(write(machine, PPHCR, { ...port, bin_range_write_mask: 0b01, ...bins }), 0);
    const after = read(machine, PPHCR, port);
    assert.deepEqual(
      ['bin_range[0].high_val', 'bin_range[1].low_val', 'bin_range[1].high_val'].map((path) => after[path]),
      [1, 1, 1],
    );
    machine.pass(1e9);
    const view = machine.readRegister(laidOut(PPCNT).id, PPCNT.encode({ ...port, grp: 0x23 })).data;
    const hist = (i: number) => PPCNT.get(view, `counter_set.ppcnt_rs_fec_histograms_counters.hist[${i}]`);
    assert.deepEqual([(hist(0) as bigint) > (hist(1) as bigint), hist(1)], [true, 12n]);
    const low = { 'bin_range[0].low_val': 3 };
    assert.equal(write(machine, PPHCR, { ...port, bin_range_write_mask: 1, ...low }), REFUSAL.REGISTER_VALUE.syndrome);
  });
});
