/**
 * What single registers do beyond keeping values (registers.test.ts):
 * counters, clocks, modules, the update, the configuration.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FieldInput, Layout } from '../../../../src/abi/bits.ts';
import { CORE_DUMP } from '../../../../src/abi/mlx5/registers/core-dump.ts';
import { laidOut } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { MCIA } from '../../../../src/abi/mlx5/registers/mcia.ts';
import { MLCR } from '../../../../src/abi/mlx5/registers/mlcr.ts';
import { MNVDA } from '../../../../src/abi/mlx5/registers/mnvda.ts';
import { MNVDI } from '../../../../src/abi/mlx5/registers/mnvdi.ts';
import { MNVGN } from '../../../../src/abi/mlx5/registers/mnvgn.ts';
import { MNVIA } from '../../../../src/abi/mlx5/registers/mnvia.ts';
import { MNVQC } from '../../../../src/abi/mlx5/registers/mnvqc.ts';
import { MPCNT } from '../../../../src/abi/mlx5/registers/mpcnt.ts';
import { MPEIN } from '../../../../src/abi/mlx5/registers/mpein.ts';
import { MRTC } from '../../../../src/abi/mlx5/registers/mrtc.ts';
import { MTMP } from '../../../../src/abi/mlx5/registers/mtmp.ts';
import { MTUTC } from '../../../../src/abi/mlx5/registers/mtutc.ts';
import { PAOS } from '../../../../src/abi/mlx5/registers/paos.ts';
import { PDDR } from '../../../../src/abi/mlx5/registers/pddr.ts';
import { PMTU } from '../../../../src/abi/mlx5/registers/pmtu.ts';
import { PPCNT } from '../../../../src/abi/mlx5/registers/ppcnt.ts';
import { PTYS } from '../../../../src/abi/mlx5/registers/ptys.ts';
import { PUDE } from '../../../../src/abi/mlx5/registers/pude.ts';
import { QETCR } from '../../../../src/abi/mlx5/registers/qetcr.ts';
import { QPDPM } from '../../../../src/abi/mlx5/registers/qpdpm.ts';
import { COUNTER_GROUPS } from '../../../../src/firmware/mlx5/registers/ppcnt-groups.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { rig } from './rig.ts';

type Rig = ReturnType<typeof rig>;
type Fields = Readonly<Record<string, FieldInput>>;

function read(machine: Rig, layout: Layout, fields: Fields = {}) {
  const answer = machine.readRegister(laidOut(layout).id, layout.encode(fields), 16 + layout.bytes);
  assert.deepEqual([answer.status, answer.syndrome], [0, 0]);
  return { ...layout.decode(answer.data), bytes: answer.bytes.subarray(16) };
}

function readRefused(machine: Rig, layout: Layout, fields: Fields): number {
  return machine.readRegister(laidOut(layout).id, layout.encode(fields)).syndrome;
}

/** The syndrome; 0: it was taken. */
function write(machine: Rig, layout: Layout, fields: Fields): number {
  return machine.writeRegister(laidOut(layout).id, layout.encode(fields)).syndrome;
}

describe('PPCNT', () => {
  const group = (machine: Rig, grp: number, fields: Fields = {}) => {
    const set = COUNTER_GROUPS[grp]?.set ?? assert.fail();
    const values = read(machine, PPCNT, { local_port: 1, grp, ...fields }) as Record<string, unknown>;
    return (counter: string) => values[`counter_set.${set}.${counter}`];
  };

  it('has every group, with counters that its layout knows', () => {
    for (const [grp, { set, counters }] of Object.entries(COUNTER_GROUPS)) {
      for (const counter of Object.keys(counters)) assert.ok(PPCNT.has(`counter_set.${set}.${counter}`), counter);
      read(rig(), PPCNT, { grp: Number(grp) });
    }
    assert.equal(readRefused(rig(), PPCNT, { grp: 0x3f }), REFUSAL.REGISTER_SELECTOR.syndrome);
  });

  it('starts at 0 and moves with the clock, in the first 8 bytes of the set', () => {
    const machine = rig();
    assert.equal(group(machine, 0)('a_frames_transmitted_ok'), 0n);
    machine.pass(10e9);
    assert.equal(group(machine, 0)('a_frames_transmitted_ok'), 10_000n);
    const { bytes } = read(machine, PPCNT, {});
    assert.equal(Buffer.from(bytes).readBigUInt64BE(8), 10_000n);
  });

  it('tells the same in all groups', () => {
    const machine = rig();
    machine.pass(123_456_789_012);
    const [ieee, rfc2863, rfc2819, priority] = [0, 1, 2, 0x10].map((grp) => group(machine, grp));
    assert.ok(ieee && rfc2863 && rfc2819 && priority);
    assert.equal(ieee('a_octets_received_ok'), rfc2863('if_in_octets'));
    assert.equal(ieee('a_frames_received_ok'), rfc2819('ether_stats_pkts'));
    assert.equal(
      ieee('a_frames_received_ok'),
      ['ucast', 'multicast', 'broadcast'].reduce((sum, kind) => sum + (rfc2863(`if_in_${kind}_pkts`) as bigint), 0n),
    );
    assert.equal(
      rfc2819('ether_stats_pkts'),
      (rfc2819('ether_stats_pkts64octets') as bigint) + (rfc2819('ether_stats_pkts512to1023octets') as bigint),
    );
    assert.equal(priority('rx_frames'), ieee('a_frames_received_ok'));
    assert.equal(group(machine, 0x10, { prio_tc: 3 })('rx_frames'), 0n);
  });

  it('stands still while the link is down, and counts the downs', () => {
    const machine = rig();
    machine.pass(1e9);
    write(machine, PAOS, { local_port: 1, ase: 1, admin_status: 2 });
    machine.pass(5e9);
    assert.equal(group(machine, 0)('a_frames_transmitted_ok'), 1000n);
    write(machine, PAOS, { local_port: 1, ase: 1, admin_status: 1 });
    machine.pass(1e9);
    assert.equal(group(machine, 0)('a_frames_transmitted_ok'), 2000n);
    assert.equal(group(machine, 0x12)('link_down_events'), 1);
    assert.equal(group(machine, 0x16)('port_up_time'), 1);
  });

  it('stands still for an operator who sets the operational status, on that port alone', () => {
    const machine = rig({ 'identity.num_ports': 2 });
    const frames = (port: number) => group(machine, 0, { local_port: port })('a_frames_transmitted_ok');
    const live = machine.firmware.liveValues();
    machine.pass(1e9);
    live.writeRegister('PAOS', { local_port: 1 }, 'oper_status', 2);
    live.writeRegister('PAOS', { local_port: 1 }, 'oper_status', 2);
    machine.pass(5e9);
    assert.deepEqual([frames(1), frames(2)], [1000n, 6000n]);
    assert.equal(group(machine, 0x12)('link_down_events'), 1);
    live.writeRegister('PAOS', undefined, 'oper_status', 4);
    machine.pass(1e9);
    assert.deepEqual([frames(1), frames(2)], [1000n, 6000n]);
    live.writeRegister('PAOS', undefined, 'oper_status', 1);
    machine.pass(1e9);
    assert.deepEqual([frames(1), frames(2)], [2000n, 7000n]);
    live.writeRegister('PAOS', undefined, 'admin_status', 2);
    machine.pass(1e9);
    assert.deepEqual([frames(1), frames(2)], [2000n, 7000n], 'a port that is closed carries nothing');
  });

  it('is cleared by group, by all, by a read; other ports are left alone', () => {
    const machine = rig({ 'identity.num_ports': 2 });
    const frames = (port = 1) => group(machine, 0, { local_port: port })('a_frames_transmitted_ok');
    const octets = () => group(machine, 1)('if_out_ucast_pkts');
    machine.pass(2e9);
    assert.equal(write(machine, PPCNT, { local_port: 1, grp: 0, clr: 1 }), 0);
    assert.deepEqual([frames(), octets(), frames(2)], [0n, 1900n, 2000n]);
    machine.pass(1e9);
    assert.deepEqual([frames(), group(machine, 0x12)('time_since_last_clear')], [1000n, 3000n]);
    write(machine, PPCNT, { local_port: 1, grp: 63, clr: 1 });
    assert.deepEqual([frames(), octets()], [0n, 0n]);
    machine.pass(1e9);
    assert.equal(group(machine, 0, { clr: 1 })('a_frames_transmitted_ok'), 1000n);
    assert.equal(frames(), 0n);
  });
});

describe('PTYS and PMTU', () => {
  it('a speed that is supported becomes the speed', () => {
    const machine = rig();
    assert.equal(write(machine, PTYS, { local_port: 1, proto_mask: 4, ext_eth_proto_admin: 0x30 }), 0);
    const after = read(machine, PTYS, { local_port: 1 }) as Record<string, unknown>;
    assert.deepEqual([after.ext_eth_proto_admin, after.ext_eth_proto_oper], [0x30, 0x20]);
    assert.equal(after.eth_proto_oper, 1 << 6, 'the older mask says the same speed: 40GBASE-CR4');
  });

  it('other speeds and MTUs are refused', () => {
    const machine = rig();
    const value = REFUSAL.REGISTER_VALUE.syndrome;
    assert.equal(write(machine, PTYS, { local_port: 1, ext_eth_proto_admin: 0x8000_0000 }), value);
    assert.equal(write(machine, PMTU, { local_port: 1, admin_mtu: 10241 }), value);
    assert.equal(write(machine, PMTU, { local_port: 1, admin_mtu: 10240 }), 0);
    assert.equal((read(machine, PMTU, { local_port: 1 }) as Record<string, unknown>).oper_mtu, 10240);
  });
});

describe('PUDE and PDDR', () => {
  it('tell the state of PAOS', () => {
    const machine = rig();
    const state = () => {
      const pude = read(machine, PUDE, { local_port: 1 }) as Record<string, unknown>;
      const { bytes } = read(machine, PDDR, { local_port: 1, page_select: 1 });
      return [pude.oper_status, Buffer.from(bytes.subarray(20, 60)).toString('latin1').replace(/\0.*/, '')];
    };
    assert.deepEqual(state(), [1, 'No issue was observed']);
    write(machine, PAOS, { local_port: 1, ase: 1, admin_status: 2 });
    assert.deepEqual(state(), [2, 'The port is closed by command']);
  });

  it('page 0 says Ethernet and the speed; a page that is none is refused', () => {
    const { bytes } = read(rig(), PDDR, { local_port: 1, page_select: 0 });
    assert.equal(Buffer.from(bytes).readUInt8(9) >> 4, 4);
    assert.equal(Buffer.from(bytes).readUInt32BE(28), 1 << 9);
    assert.equal(readRefused(rig(), PDDR, { page_select: 0x77 }), REFUSAL.REGISTER_SELECTOR.syndrome);
  });
});

describe('QETCR and QPDPM', () => {
  it('change only the entries whose enable bits are set', () => {
    const machine = rig();
    const tc = (n: number) => `tc_configuration[${n}]`;
    write(machine, QETCR, { port_number: 1, [`${tc(2)}.g`]: 1, [`${tc(2)}.group`]: 5, [`${tc(2)}.bw_allocation`]: 40 });
    write(machine, QETCR, { port_number: 1, [`${tc(3)}.b`]: 1, [`${tc(3)}.bw_allocation`]: 60, [`${tc(2)}.group`]: 1 });
    const after = read(machine, QETCR, { port_number: 1 }) as Record<string, unknown>;
    assert.deepEqual(
      [after[`${tc(2)}.group`], after[`${tc(2)}.bw_allocation`], after[`${tc(3)}.bw_allocation`]],
      [5, 0, 60],
    );
    assert.equal(after[`${tc(2)}.g`], 0);
    write(machine, QPDPM, { local_port: 1, 'dscp[46].e': 1, 'dscp[46].prio': 5, 'dscp[8].prio': 1 });
    const dscp = read(machine, QPDPM, { local_port: 1 }) as Record<string, unknown>;
    assert.deepEqual([dscp['dscp[46].prio'], dscp['dscp[8].prio']], [5, 0]);
  });
});

describe('MTMP, MLCR, MPCNT, MPEIN', () => {
  it('the temperature swings, and the maximum follows', () => {
    const machine = rig({ 'registers.MTMP.max_temperature': 417 });
    machine.pass(150e9);
    const { temperature, max_temperature } = read(machine, MTMP) as Record<string, unknown>;
    assert.deepEqual([temperature, max_temperature], [420, 420]);
  });

  it('a beacon burns down', () => {
    const machine = rig();
    const remain = () => (read(machine, MLCR, { local_port: 1 }) as Record<string, unknown>).beacon_remain;
    assert.equal(remain(), 0);
    write(machine, MLCR, { local_port: 1, beacon_duration: 10 });
    machine.pass(4e9);
    assert.equal(remain(), 6);
    machine.pass(60e9);
    assert.equal(remain(), 0);
    write(machine, MLCR, { local_port: 1, beacon_duration: 0xffff });
    machine.pass(1e12);
    assert.equal(remain(), 0xffff);
  });

  it('the link to the host is at depth, index and node 0 only; its counters move and are cleared', () => {
    const machine = rig();
    assert.equal((read(machine, MPEIN) as Record<string, unknown>).link_width_active, 16);
    assert.equal(readRefused(machine, MPEIN, { depth: 1 }), REFUSAL.REGISTER_SELECTOR.syndrome);
    const dwords = () =>
      (read(machine, MPCNT, { grp: 4 }) as Record<string, unknown>)[
        'counter_set.pcie_perf_counters2.total_dwords_received'
      ];
    machine.pass(2e9);
    assert.equal(dwords(), 462_000);
    write(machine, MPCNT, { grp: 4, clr: 1 });
    assert.equal(dwords(), 0);
    assert.equal(readRefused(machine, MPCNT, { grp: 9 }), REFUSAL.REGISTER_SELECTOR.syndrome);
  });
});

describe('MRTC and MTUTC', () => {
  it('MRTC runs from power-up, then from where it was set', () => {
    const machine = rig();
    machine.pass(3e9);
    const now = () => {
      const { time_synced, time } = read(machine, MRTC) as Record<string, unknown>;
      return [time_synced, time];
    };
    assert.deepEqual(now(), [0, 3_000_000n]);
    write(machine, MRTC, { time: 1_700_000_000_000_000n });
    machine.pass(2_000_000);
    assert.deepEqual(now(), [1, 1_700_000_000_002_000n]);
  });

  it('MTUTC sets, shifts and speeds up the PTP clock', () => {
    const machine = rig();
    const now = () => {
      const { utc_sec, utc_nsec } = read(machine, MTUTC) as Record<string, unknown>;
      return [utc_sec, utc_nsec];
    };
    assert.equal(write(machine, MTUTC, { operation: 1, utc_sec: 1_700_000_000, utc_nsec: 999_999_990 }), 0);
    machine.pass(20);
    assert.deepEqual(now(), [1_700_000_001, 10]);
    write(machine, MTUTC, { operation: 2, time_adjustment: 0xffff_ffff - 19 });
    assert.deepEqual(now(), [1_700_000_000, 999_999_990]);
    write(machine, MTUTC, { operation: 3, freq_adjustment: 1000 });
    machine.pass(1e9);
    assert.deepEqual(now(), [1_700_000_002, 990], 'a second and 1000 parts per billion of it');
    assert.equal(write(machine, MTUTC, { operation: 9 }), REFUSAL.REGISTER_VALUE.syndrome);
    assert.equal(write(machine, MTUTC, { operation: 1, utc_nsec: 1_000_000_000 }), REFUSAL.REGISTER_VALUE.syndrome);
  });
});

describe('MCIA', () => {
  const eeprom = (fields: Fields) => {
    const answer = read(rig(), MCIA, { i2c_device_address: 0x50, ...fields });
    return Buffer.from(answer.bytes.subarray(16, 16 + 128));
  };

  it('is a QSFP28 module with sound checksums', () => {
    const upper = eeprom({ device_address: 128, size: 128 });
    assert.equal(upper[0], 0x11);
    assert.equal(eeprom({ size: 1 })[0], 0x11);
    assert.equal(upper.subarray(20, 36).toString('latin1'), 'Mellanox        ');
    const sum = (from: number, to: number) => upper.subarray(from, to).reduce((a, b) => (a + b) & 0xff, 0);
    assert.equal(upper[63], sum(0, 63));
    assert.equal(upper[95], sum(64, 95));
  });

  it('gives as many bytes as asked for, of flat memory', () => {
    const part = eeprom({ device_address: 148, size: 8 });
    assert.equal(part.toString('latin1').replace(/\0+$/, ''), 'Mellanox');
    assert.deepEqual(
      eeprom({ page_number: 3, device_address: 128, size: 128 }),
      eeprom({ device_address: 128, size: 128 }),
    );
    assert.equal(read(rig(), MCIA).bytes[16], 0x11, 'mlx5ctl says neither address nor size');
  });

  it('says what is wrong', () => {
    assert.equal((read(rig(), MCIA, { i2c_device_address: 0x51, size: 4 }) as Record<string, unknown>).status, 9);
    assert.equal(readRefused(rig(), MCIA, { size: 129 }), REFUSAL.REGISTER_VALUE.syndrome);
    assert.equal(readRefused(rig(), MCIA, { device_address: 250, size: 8 }), REFUSAL.REGISTER_VALUE.syndrome);
    assert.equal(readRefused(rig(), MCIA, { module: 2 }), REFUSAL.REGISTER_SELECTOR.syndrome);
  });
});

describe('CORE_DUMP', () => {
  it('dumps nothing without a buffer, and knows no mkey', () => {
    assert.equal((read(rig(), CORE_DUMP) as Record<string, unknown>).size, 0);
    assert.equal(
      readRefused(rig(), CORE_DUMP, { core_dump_type: 2, mkey: 1, size: 4096 }),
      REFUSAL.MKEY_UNKNOWN.syndrome,
    );
  });
});

describe('the non-volatile configuration', () => {
  const TYPE = 'configuration_item_header.type';
  const LENGTH = 'configuration_item_header.length';
  const MODE = 'configuration_item_header.access_mode';
  const DATA = 'configuration_item_data';
  /** nv_memic_conf: 4 bytes. */
  const MEMIC = 6;
  const data = (machine: Rig, mode: number, type = MEMIC) => {
    const answer = read(machine, MNVDA, { [TYPE]: type, [LENGTH]: 0x100, [MODE]: mode }) as Record<string, unknown>;
    return Buffer.from(answer[DATA] as Uint8Array)
      .subarray(0, Number(answer[LENGTH]))
      .toString('hex');
  };

  it('says what it has, and refuses what it has not', () => {
    const machine = rig();
    const query = (type: number) => (read(machine, MNVQC, { type }) as Record<string, unknown>).support_wr;
    assert.deepEqual(
      [query(MEMIC), query(0xfffff), query(0x01010107), query(0x01030107), query(0x81000107)],
      [1, 0, 1, 0, 1],
    );
    assert.equal(readRefused(machine, MNVDA, { [TYPE]: 0xfffff }), REFUSAL.NV_UNKNOWN.syndrome);
  });

  it('keeps for the next power-up what is written; current and factory stay', () => {
    const machine = rig();
    const factory = data(machine, 2);
    assert.equal(write(machine, MNVDA, { [TYPE]: MEMIC, [LENGTH]: 4, [DATA]: Uint8Array.from([1, 2, 3, 4]) }), 0);
    assert.deepEqual([data(machine, 0), data(machine, 1), data(machine, 2)], ['01020304', factory, factory]);
    assert.equal(write(machine, MNVDA, { [TYPE]: MEMIC, [LENGTH]: 8 }), REFUSAL.REGISTER_VALUE.syndrome);
    assert.equal(write(machine, MNVDI, { [TYPE]: MEMIC }), 0);
    assert.equal(data(machine, 0), factory);
  });

  it('a write ends with the data: 12 bytes and those', () => {
    const machine = rig();
    const image = MNVDA.encode({ [TYPE]: MEMIC, [LENGTH]: 4, [DATA]: Uint8Array.from([9, 9, 9, 9]) }).slice(0, 16);
    assert.equal(machine.writeRegister(laidOut(MNVDA).id, image).status, 0);
    assert.equal(data(machine, 0), '09090909');
  });

  it('is walked by MNVGN and emptied by MNVIA', () => {
    const machine = rig();
    assert.equal(readRefused(machine, MNVGN, {}), REFUSAL.NV_UNKNOWN.syndrome);
    for (const type of [MEMIC, 0x10])
      write(machine, MNVDA, { [TYPE]: type, [LENGTH]: 4, [DATA]: Uint8Array.from([type]) });
    const types: unknown[] = [];
    for (let pointer = 0; ; ) {
      const item = read(machine, MNVGN, { nv_pointer: pointer }) as Record<string, unknown>;
      pointer = Number(item.nv_pointer);
      if (pointer === 0) break;
      types.push(item[TYPE]);
    }
    assert.deepEqual(types, [MEMIC, 0x10]);
    assert.equal(write(machine, MNVIA, {}), 0);
    assert.equal(readRefused(machine, MNVGN, {}), REFUSAL.NV_UNKNOWN.syndrome);
  });

  it('has the MAC that the identity says', () => {
    assert.equal(data(rig({ 'identity.base_mac': '08c0eb53eaec' }), 2, 2), '000008c0eb53eaec08c0eb030053eaec');
  });
});
