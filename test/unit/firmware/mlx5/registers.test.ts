/** Every row of the register table through ACCESS_REG, then what single registers do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BytesField, type Layout, QuadField } from '../../../../src/abi/bits.ts';
import { OPCODE } from '../../../../src/abi/mlx5/opcodes.ts';
import { DTOR } from '../../../../src/abi/mlx5/registers/dtor.ts';
import { MCAM } from '../../../../src/abi/mlx5/registers/mcam.ts';
import { MGIR } from '../../../../src/abi/mlx5/registers/mgir.ts';
import { MNVDA } from '../../../../src/abi/mlx5/registers/mnvda.ts';
import { MNVDI } from '../../../../src/abi/mlx5/registers/mnvdi.ts';
import { MQIS } from '../../../../src/abi/mlx5/registers/mqis.ts';
import { MTMP } from '../../../../src/abi/mlx5/registers/mtmp.ts';
import { PAOS } from '../../../../src/abi/mlx5/registers/paos.ts';
import { PBMC } from '../../../../src/abi/mlx5/registers/pbmc.ts';
import { PMTU } from '../../../../src/abi/mlx5/registers/pmtu.ts';
import { PPLM } from '../../../../src/abi/mlx5/registers/pplm.ts';
import { REGISTERS } from '../../../../src/abi/mlx5/registers.ts';
import { STATUS } from '../../../../src/abi/mlx5/status.ts';
import { connectx7 } from '../../../../src/devices/mlx5/connectx7.ts';
import { maskOf } from '../../../../src/firmware/mlx5/register-table.ts';
import { MLX5_REGISTERS } from '../../../../src/firmware/mlx5/registers.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { port1, rig } from './rig.ts';

const ID = Object.fromEntries(MLX5_REGISTERS.rows.map(({ register }) => [register.name, register.id])) as Record<
  string,
  number
>;
const id = (name: string) => ID[name] ?? assert.fail(`no register ${name}`);

/** Data that select something that exists. */
function selecting(layout: Layout): Uint8Array {
  const byPort = layout.has('local_port') && layout.field('local_port').access === 'INDEX';
  const data = byPort ? port1(layout.bytes) : new Uint8Array(layout.bytes);
  if (layout === MQIS) data[3] = 1;
  if (layout === MNVDA) MNVDA.set(new DataView(data.buffer), 'configuration_item_header.type', HOST_CHAINING);
  if (layout === MNVDI) MNVDI.set(new DataView(data.buffer), 'configuration_item_header.type', HOST_CHAINING);
  return data;
}

/** A TLV of 20 bytes. */
const HOST_CHAINING = 8;

/** The fields whose names begin so, all with that value. */
function named(layout: Layout, start: string, value: number): Record<string, number> {
  return Object.fromEntries(
    [...layout.fields.keys()].filter((path) => path.startsWith(start)).map((path) => [path, value]),
  );
}

/** A register whose writes do more than keep values says here what a test image must hold to be kept. */
const acceptable: Readonly<Record<string, Readonly<Record<string, number | bigint>>>> = {
  PAOS: { admin_status: 2, ase: 1, ee: 1 },
  PMTU: { admin_mtu: 9000 },
  // 10 Gb/s and 50 on one lane, which the older mask does not have.
  PTYS: { ext_eth_proto_admin: 0x110, eth_proto_admin: 0x3010, ee_tx_ready: 1 },
  QETCR: {},
  PPLR: { lb_en: 2 },
  PPLM: { ...named(PPLM, 'fec_override_admin_', 0), plr_vld: 1, plr_reject_mode_vld: 1, tx_crc_plr_vld: 1 },
  PPRT: { s: 0, prbs_mode_admin: 5, lane_rate_oper: 6, modulation: 1 },
  PPTT: { prbs_mode_admin: 5, lane_rate_admin: 6, modulation: 1 },
  PPAOS: { phy_test_mode_admin: 0 },
  PMAOS: { admin_status: 2, ase: 1, ee: 1 },
  PFCC: {
    ...Object.fromEntries(['ppan', 'pptx', 'pprx'].map((field) => [`${field}_mask_n`, 0])),
    ...Object.fromEntries(
      ['mlb', 'minor_stall', 'critical_stall', 'packet_ratio', 'cable_length'].map((field) => [`${field}_mask`, 1]),
    ),
    prio_mask_tx: 0xff,
    prio_mask_rx: 0xff,
  },
  PPTB: { pm: 0xff, um: 1, cm: 1 },
  PPSC: { up_th_vld: 1, down_th_vld: 1 },
  PBMC: Object.fromEntries(
    [...PBMC.fields.keys()].filter((path) => path.endsWith('xon_xoff_threshold_mask_n')).map((path) => [path, 0]),
  ),
  PLTC: { precoding_mask: 0 },
  PCNR: { flua_we_mask: 0xf },
  PPBMP: { grp_prf_set: 1, time_window_w_en: 1, monitor_parameters_w_ignore: 0 },
  PLDS: { set_mask: 0x1ff },
  MTMP: { weme: 0, sdme: 0 },
  MTPPS: { field_select: 0xffff_ffff },
  MPEGC: { field_select: 0xff },
  VHCA_ICM_CTRL: { max_alloc_icm_th_mask: 1 },
  MLCR: { beacon_duration: 100 },
  MRTC: { time: 1_700_000_000_000_000n },
  MTUTC: { operation: 3, freq_adjustment: 1000 },
};

/**
 * Registers whose writes are orders: what they do is tested one by one, and a read does not give back what was written.
 */
const orders = new Set([
  'RESOURCE_DUMP',
  'PPCNT',
  'MPCNT',
  'MNVDA',
  'MNVDI',
  'MNVIA',
  'MCC',
  'MCDA',
  'MCIA',
  'MFRL',
  'MIRC',
  'MVTS',
  'PPCC',
  'PPHCR',
  'ROCE_ACCL',
]);
/** Pages of these lie one over the other, so that not each field can have a value of its own. */
const overlaid = new Set(['SLTP', 'PTASv2', 'MPCIR']);
/** Registers that answer nothing until something has been written. */
const empty = new Set(['MNVGN']);

function skipped(name: string): string | false {
  if (orders.has(name)) return 'its writes are orders';
  return overlaid.has(name) ? 'its pages lie one over the other' : false;
}

describe('every register', () => {
  for (const { register, access, on } of MLX5_REGISTERS.rows) {
    // A register that only some chips have is looked at on the newest.
    const made = () => (on === undefined ? rig() : rig({}, connectx7));
    const { name, layout, bytes } = register;
    const select = selecting(layout);
    if (empty.has(name)) continue;

    it(`${name}: is read with data of its size, of 3100 bytes, of 1024 bytes, with nothing past the image`, () => {
      const exact = made().readRegister(register.id, select, 16 + bytes);
      assert.deepEqual([exact.status, exact.syndrome], [0, 0]);
      for (const size of [1024, 3100]) {
        const padded = new Uint8Array(size);
        padded.set(select);
        padded.fill(0xff, bytes);
        const long = made().readRegister(register.id, padded, 16 + size);
        assert.equal(long.status, 0);
        assert.deepEqual(long.bytes.slice(16, 16 + bytes), exact.bytes.slice(16));
        assert.ok(long.bytes.subarray(16 + bytes).every((byte) => byte === 0));
      }
    });

    it(`${name}: a short reply is the image's beginning`, () => {
      const whole = made().readRegister(register.id, select, 16 + bytes).bytes;
      for (const out of [16, 20, 17, 16 + bytes - 4]) {
        assert.deepEqual(made().readRegister(register.id, select, out).bytes, whole.slice(0, out));
      }
    });

    it(`${name}: the fields that select come back as they were sent`, () => {
      const answer = made().readRegister(register.id, select);
      const mask = maskOf(register, 'INDEX');
      mask.forEach((bits, i) => {
        assert.equal(answer.data.getUint8(i) & bits, (select[i] ?? 0) & bits, `byte ${i}`);
      });
    });

    if (access === 'read') {
      it(`${name}: cannot be written`, () => {
        const machine = made();
        const before = machine.readRegister(register.id, select).bytes;
        const answer = machine.writeRegister(
          register.id,
          select.map((byte, i) => (i < 4 ? byte : 0xff)),
        );
        assert.deepEqual([answer.status, answer.syndrome], [STATUS.BAD_PARAM, REFUSAL.REGISTER_READ_ONLY.syndrome]);
        assert.deepEqual(machine.readRegister(register.id, select).bytes, before);
      });
      continue;
    }

    it(`${name}: keeps what is written to its RW fields, and changes no other field`, { skip: skipped(name) }, () => {
      const machine = made();
      const before = layout.decode(machine.readRegister(register.id, select).data);
      const data = select.slice();
      const view = new DataView(data.buffer);
      for (const field of layout.fields.values()) {
        if (field.access === 'INDEX') continue;
        const ones = (1n << BigInt(Math.min(field.bits, 64))) - 1n;
        if (field instanceof BytesField) field.write(view, 0, 'x'.repeat(field.bytes));
        else if (field instanceof QuadField || field.bits > 1) field.write(view, 0, ones & 0x5555555555555555n);
        else field.write(view, 0, before[field.path] === 0 ? 1 : 0);
      }
      layout.assign(view, acceptable[name] ?? {});
      assert.equal(machine.writeRegister(register.id, data).status, 0);
      const after = layout.decode(machine.readRegister(register.id, select).data);
      const written = layout.decode(view);
      let kept = 0;
      for (const { path, access: who } of layout.fields.values()) {
        if (who === 'RW') {
          assert.deepEqual(after[path], written[path], path);
          kept++;
        } else if (acceptable[name] === undefined) assert.deepEqual(after[path], before[path], path);
      }
      assert.ok(kept > 0, 'a register that can be written has a field that can');
    });

    it(`${name}: a write without data is BAD_INP_LEN`, () => {
      for (const length of [0, 3]) {
        const answer = made().writeRegister(register.id, new Uint8Array(length));
        assert.deepEqual([answer.status, answer.syndrome], [STATUS.BAD_INP_LEN, REFUSAL.REGISTER_NO_DATA.syndrome]);
      }
    });
  }
});

describe('ACCESS_REG', () => {
  it('is BAD_PARAM for every number that is not in the table, named or not', () => {
    const machine = rig();
    for (const number of [...REGISTERS.map((register) => register.id), 0, 0x1234, 0xffff]) {
      if (MLX5_REGISTERS.has(number)) continue;
      for (const answer of [machine.readRegister(number), machine.writeRegister(number, new Uint8Array(8))]) {
        assert.deepEqual([answer.status, answer.syndrome], [STATUS.BAD_PARAM, REFUSAL.REGISTER_UNKNOWN.syndrome]);
      }
    }
  });

  it('ACCESS_REGISTER_USER does the same', () => {
    const read = rig().command(OPCODE.ACCESS_REGISTER_USER, {
      opMod: 1,
      out: 176,
      fill: (view) => view.setUint16(10, 0x9020),
    });
    assert.deepEqual(read.bytes, rig().readRegister(0x9020, new Uint8Array(0), 176).bytes);
  });

  it('refuses a port that does not exist', () => {
    for (const data of [port1(16).map((byte) => byte * 3), Uint8Array.from([0, 1, 0x10, 0])]) {
      const answer = rig().readRegister(id('PAOS'), data);
      assert.deepEqual([answer.status, answer.syndrome], [STATUS.BAD_PARAM, REFUSAL.REGISTER_SELECTOR.syndrome]);
    }
  });

  it('takes port 0 for the own port, in reads and writes', () => {
    const machine = rig({ 'identity.num_ports': 2 });
    assert.equal(machine.writeRegister(id('PMTU'), PMTU.encode({ local_port: 0, admin_mtu: 4000 })).status, 0);
    const mtu = (port: number) =>
      PMTU.get(machine.readRegister(id('PMTU'), PMTU.encode({ local_port: port })).data, 'oper_mtu');
    assert.deepEqual([mtu(0), mtu(1), mtu(2)], [4000, 4000, 1522]);
    const { data } = machine.readRegister(id('PMTU'), new Uint8Array(0));
    assert.equal(PMTU.get(data, 'local_port'), 0, 'the selecting fields come back as sent');
  });

  it('keeps ports and devices apart', () => {
    const one = rig({ 'identity.num_ports': 300 });
    const other = rig();
    const onPort = (port: number) => Uint8Array.from([0, port & 0xff, (port >> 8) << 4, 0]);
    const mtu = (machine: typeof one, port: number) => machine.readRegister(id('PMTU'), onPort(port)).data.getUint16(8);
    const data = new Uint8Array(16);
    data.set(onPort(257));
    data.set([0x23, 0x28], 8);
    assert.equal(one.writeRegister(id('PMTU'), data).status, 0);
    assert.deepEqual([mtu(one, 257), mtu(one, 1), mtu(other, 1)], [9000, 1522, 1522]);
  });

  it('a short write leaves alone what it does not reach', () => {
    const machine = rig();
    const buffers = { 'buffer[1].size': 0x10, 'buffer[9].size': 0x90 };
    assert.equal(machine.writeRegister(id('PBMC'), PBMC.encode({ local_port: 1, ...buffers })).status, 0);
    // Ends in the middle of the dword of buffer 9's size: only whole dwords count.
    const end = PBMC.field('buffer[9].size').end - 2;
    const short = PBMC.encode({ local_port: 1, 'buffer[1].size': 0x20, 'buffer[9].size': 0x40 }).slice(0, end);
    machine.writeRegister(id('PBMC'), short);
    const { data } = machine.readRegister(id('PBMC'), port1(4));
    assert.deepEqual([PBMC.get(data, 'buffer[1].size'), PBMC.get(data, 'buffer[9].size')], [0x20, 0x90]);
  });
});

describe('DTOR', () => {
  it('is the real device’s, byte for byte', () => {
    const hex =
      '0000000020000002000000000000000000000000200000022000003c2000003c' +
      '20000002200000022000000a2000000520000005200000780000000000000000';
    const { bytes } = rig().readRegister(id('DTOR'), new Uint8Array(3100), 3116);
    assert.equal(Buffer.from(bytes.subarray(16, 80)).toString('hex'), hex);
  });

  it('can be overridden', () => {
    const { data } = rig({ 'registers.DTOR.tear_down_to.to_value': 99 }).readRegister(id('DTOR'));
    assert.equal(DTOR.get(data, 'tear_down_to.to_value'), 99);
  });
});

describe('MGIR', () => {
  it('has the chip id in the low half of the dword at byte 8, where mstflint looks', () => {
    const { data } = rig().readRegister(id('MGIR'), new Uint8Array(1024), 1040);
    assert.equal(data.getUint32(8) & 0xffff, 0x212);
    assert.equal(data.getUint16(2), 0x101d);
  });

  it('tells the firmware’s version, date and board id', () => {
    const overrides = {
      'identity.fw_version': '22.301.1048',
      'identity.fw_date': '2023-11-07',
      'identity.psid': 'MT_0000000528',
    };
    const { data } = rig(overrides).readRegister(id('MGIR'));
    const get = (field: string) => MGIR.get(data, `fw_info.${field}`);
    assert.deepEqual(['extended_major', 'extended_minor', 'extended_sub_minor'].map(get), [22, 301, 1048]);
    assert.deepEqual(['year', 'month', 'day'].map(get), [0x2023, 0x11, 0x07]);
    assert.deepEqual(get('psid'), new Uint8Array(Buffer.from('MT_0000000528\0\0\0')));
  });

  it('counts seconds since power-up', () => {
    const machine = rig();
    const uptime = () => MGIR.get(machine.readRegister(id('MGIR')).data, 'hw_info.uptime');
    assert.equal(uptime(), 0);
    machine.pass(61_999_999_999);
    assert.equal(uptime(), 61);
  });
});

describe('NODE_DESC', () => {
  it('is text with a NUL behind it, and can be set', () => {
    const machine = rig();
    const text = () => Buffer.from(machine.readRegister(id('NODE_DESC')).bytes.subarray(16, 80)).toString('latin1');
    assert.equal(text(), 'MT4125 ConnectX6Dx Mellanox Technologies'.padEnd(64, '\0'));
    const data = new Uint8Array(64);
    data.set(Buffer.from('rack 7'));
    assert.equal(machine.writeRegister(id('NODE_DESC'), data).status, 0);
    assert.equal(text(), 'rack 7'.padEnd(64, '\0'));
  });
});

describe('MCAM and PCAM', () => {
  it('list exactly the registers of the table', () => {
    const machine = rig({}, connectx7);
    const masks = [
      ...[0, 1, 2, 3].map((group) => [id('MCAM'), group, 0x9000 + 0x80 * group] as const),
      [id('PCAM'), 0, 0x5000] as const,
      [id('QCAM'), 0, 0x4000] as const,
      [id('SBCAM'), 0, 0xb000] as const,
    ];
    for (const [register, group, first] of masks) {
      const { bytes, status } = machine.readRegister(register, Uint8Array.from([0, 0, 0, group]));
      assert.equal(status, 0);
      // The mask as one 128-bit number, which knows nothing of dword order.
      const mask = BigInt(`0x${Buffer.from(bytes.subarray(16 + 8, 16 + 24)).toString('hex')}`);
      for (let bit = 0; bit < 128; bit++) {
        assert.equal(
          (mask >> BigInt(bit)) & 1n,
          MLX5_REGISTERS.has(first + bit) ? 1n : 0n,
          `0x${(first + bit).toString(16)}`,
        );
      }
    }
  });

  it('say MGIR where mstflint looks for it: bit 0 of the second mask from the end', () => {
    const { data } = rig().readRegister(id('MCAM'));
    assert.equal(Number(MCAM.get(data, 'mng_access_reg_cap_mask[2]')) & 1, 1);
    // The kernel's MCQS bit: mlx5_ifc.h, mlx5_ifc_mcam_access_reg_bits, bit 31 of the mask.
    assert.equal(data.getUint8(11) & 1, 1);
  });

  it('refuse groups that do not exist', () => {
    for (const [register, group, features] of [
      ['MCAM', 4, 0],
      ['MCAM', 0, 1],
      ['PCAM', 3, 0],
      ['QCAM', 1, 0],
      ['SBCAM', 1, 0],
    ] as const) {
      const answer = rig().readRegister(id(register), Uint8Array.from([0, features, 0, group]));
      assert.equal(answer.syndrome, REFUSAL.REGISTER_SELECTOR.syndrome);
    }
  });
});

describe('PAOS', () => {
  const read = (machine: ReturnType<typeof rig>) => PAOS.decode(machine.readRegister(id('PAOS'), port1(16)).data);

  it('goes down and up, and the link follows', () => {
    const machine = rig();
    assert.deepEqual([read(machine).admin_status, read(machine).oper_status], [1, 1]);
    const answer = machine.writeRegister(id('PAOS'), PAOS.encode({ local_port: 1, admin_status: 2, ase: 1 }));
    assert.equal(PAOS.get(answer.data, 'admin_status'), 2);
    assert.deepEqual(
      [read(machine).admin_status, read(machine).oper_status, read(machine).physical_state_status],
      [2, 2, 3],
    );
    machine.writeRegister(id('PAOS'), PAOS.encode({ local_port: 1, admin_status: 1, ase: 1 }));
    assert.deepEqual(
      [read(machine).admin_status, read(machine).oper_status, read(machine).physical_state_status],
      [1, 1, 5],
    );
  });

  it('changes status and events only when their enable bits are set', () => {
    const machine = rig();
    machine.writeRegister(id('PAOS'), PAOS.encode({ local_port: 1, admin_status: 2, e: 1 }));
    assert.deepEqual([read(machine).admin_status, read(machine).oper_status, read(machine).e], [1, 1, 0]);
    machine.writeRegister(id('PAOS'), PAOS.encode({ local_port: 1, e: 1, ee: 1 }));
    assert.deepEqual([read(machine).admin_status, read(machine).e, read(machine).ee], [1, 1, 0]);
  });

  it('refuses a status that is none', () => {
    const machine = rig();
    const answer = machine.writeRegister(id('PAOS'), PAOS.encode({ local_port: 1, admin_status: 9, ase: 1 }));
    assert.deepEqual([answer.status, answer.syndrome], [STATUS.BAD_PARAM, REFUSAL.REGISTER_VALUE.syndrome]);
    assert.equal(read(machine).admin_status, 1);
  });
});

describe('MQIS', () => {
  it('gives its strings in pieces, as mstflint reads them', () => {
    const machine = rig({ 'identity.model_description': 'a description of 33 characters...' });
    let text = '';
    for (let offset = 0, length = 1; offset < length; offset += 8) {
      const { data, bytes } = machine.readRegister(
        id('MQIS'),
        MQIS.encode({ info_type: 2, read_offset: offset, read_length: 8 }),
      );
      length = Number(MQIS.get(data, 'info_length'));
      text += Buffer.from(bytes.subarray(32, 32 + Number(MQIS.get(data, 'read_length')))).toString('latin1');
    }
    assert.equal(text, 'a description of 33 characters...');
    assert.equal(machine.readRegister(id('MQIS'), MQIS.encode({ info_type: 9 })).status, STATUS.BAD_PARAM);
    const past = machine.readRegister(id('MQIS'), MQIS.encode({ info_type: 2, read_offset: 999, read_length: 8 }));
    assert.equal(MQIS.get(past.data, 'read_length'), 0);
  });
});

describe('MTMP', () => {
  it('has as many sensors as MTCAP says', () => {
    const machine = rig({ 'registers.MTCAP.internal_sensor_count': 2 });
    const sensor = (index: number) => machine.readRegister(id('MTMP'), MTMP.encode({ sensor_index: index }));
    assert.equal(MTMP.get(sensor(1).data, 'temperature'), 416);
    assert.equal(sensor(2).syndrome, REFUSAL.REGISTER_SELECTOR.syndrome);
  });
});
