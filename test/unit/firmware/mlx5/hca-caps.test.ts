import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CAP_TYPES } from '../../../../src/abi/mlx5/cap-types.ts';
import { GENERAL_CAP } from '../../../../src/abi/mlx5/caps/general.ts';
import { hcaCapOpMod } from '../../../../src/abi/mlx5/headers.ts';
import { OPCODE } from '../../../../src/abi/mlx5/opcodes.ts';
import { STATUS } from '../../../../src/abi/mlx5/status.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { PACKED_CAPS } from '../../abi/mlx5/packed-caps.ts';
import { type Rig, rig } from './rig.ts';

const query = (type: number, mode: 'current' | 'max' = 'current', out = 4112, machine = rig()) =>
  machine.command(OPCODE.QUERY_HCA_CAP, { opMod: hcaCapOpMod(type, mode), out });

/** The 22 types that mlx5ctl asks for. */
const MLX5CTL_TYPES = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xc, 0xd, 0xf, 0x11, 0x13, 0x14, 0x15, 0x1a, 0x1f, 0x20, 0x25, 0x26,
];

/** What the profile adds to GENERAL beyond the README's print. */
const UNPRINTED = ['uctx_cap', 'log_max_uctx', 'device_frequency_khz'];

describe('QUERY_HCA_CAP', () => {
  for (const type of MLX5CTL_TYPES) {
    it(`answers type 0x${type.toString(16)}, current and max`, () => {
      for (const mode of ['current', 'max'] as const) assert.equal(query(type, mode).status, 0);
    });
  }

  it('refuses every other type', () => {
    for (let type = 0; type < 0x8000; type++) {
      if (MLX5CTL_TYPES.includes(type)) continue;
      const { status, syndrome } = query(type, 'current', 272);
      assert.deepEqual([status, syndrome], [STATUS.BAD_PARAM, REFUSAL.CAP_TYPE.syndrome], `0x${type.toString(16)}`);
    }
  });

  for (const [name, { bytes, hex }] of Object.entries(PACKED_CAPS)) {
    it(`${name}: the bytes of the real device, as somebody else packed them`, () => {
      const type = CAP_TYPES.find((cap) => cap.name === name);
      assert.ok(type !== undefined);
      assert.equal(type.bytes, bytes);
      const answer = query(type.type).bytes.slice(16);
      if (name === 'GENERAL')
        GENERAL_CAP.assign(new DataView(answer.buffer), Object.fromEntries(UNPRINTED.map((f) => [f, 0])));
      // Behind the structure of DEBUG stands the list of diagnostic counters.
      const compared = name === 'DEBUG' ? answer.subarray(0, bytes) : answer;
      assert.equal(Buffer.from(compared).toString('hex'), hex.padEnd(compared.length * 2, '0'));
    });
  }

  it('QOS: the first 48 bytes of the real device', () => {
    const first = Buffer.from(query(0xc).bytes.subarray(16, 64)).toString('hex');
    assert.equal(
      first,
      'fff10c2a42a8000005f5e1000000000100040080000f00070000000800000064001100010606170' + '00d0d000000000000',
    );
  });

  it('ADV_VIRTUALIZATION: the structure that mlx5ctl prints', () => {
    assert.deepEqual(query(0x26).bytes, query(0x13).bytes);
  });

  it('GENERAL: TOOLS_RESOURCES is advertised, at the driver’s place', () => {
    const { view } = query(0);
    assert.equal(view.getUint32(16 + 1696 / 8) & 4, 4);
  });

  it('max follows an override of current, and can be overridden alone', () => {
    const field = GENERAL_CAP.word('log_max_qp');
    const both = rig({ 'caps.GENERAL.log_max_qp': 9 });
    assert.equal(field.get(query(0, 'current', 4112, both).view, 16), 9);
    assert.equal(field.get(query(0, 'max', 4112, both).view, 16), 9);
    const max = rig({ 'caps_max.GENERAL.log_max_qp': 21 });
    assert.equal(field.get(query(0, 'current', 4112, max).view, 16), connectx6dx.caps.GENERAL?.log_max_qp);
    assert.equal(field.get(query(0, 'max', 4112, max).view, 16), 21);
  });

  it('cuts a structure that is longer than the reply, pads one that is shorter', () => {
    const whole = query(0x25).bytes;
    assert.deepEqual(query(0x25, 'current', 272).bytes, whole.slice(0, 272));
    const roce = query(4, 'current', 4812).bytes;
    assert.equal(roce.length, 4812);
    assert.ok(roce.subarray(16, 272).some((byte) => byte !== 0));
    assert.ok(roce.subarray(272).every((byte) => byte === 0));
  });

  it('refuses functions that do not exist', () => {
    const { status, syndrome } = asFunction(rig(), OPCODE.QUERY_HCA_CAP, 3);
    assert.deepEqual([status, syndrome], [STATUS.BAD_PARAM, REFUSAL.OTHER_FUNCTION.syndrome]);
  });

  it('a VF is no eswitch manager and has its own vhca_id; the rest is as the physical function has it', () => {
    const own = GENERAL_CAP.decode(query(0).view, 16);
    const vf = GENERAL_CAP.decode(asFunction(rig(), OPCODE.QUERY_HCA_CAP, 2).view, 16);
    assert.deepEqual([own.eswitch_manager, vf.eswitch_manager, own.vhca_id, vf.vhca_id], [1, 0, 0, 2]);
    assert.equal(vf.log_max_qp, own.log_max_qp);
  });
});

/** A command about another function; `cap`: what follows the header. */
function asFunction(machine: Rig, opcode: number, id: number, opMod = 1, uid = 0, cap?: Uint8Array) {
  return machine.command(opcode, {
    opMod,
    uid,
    in: 4112,
    out: 4112,
    fill(view, bytes) {
      view.setUint8(8, 0x80);
      view.setUint16(10, id);
      if (cap !== undefined) bytes.set(cap, 16);
    },
  });
}

describe('SET_HCA_CAP', () => {
  const generalOf = (machine: Rig, id: number) => asFunction(machine, OPCODE.QUERY_HCA_CAP, id).bytes.slice(16, 272);
  const changed = (bytes: Uint8Array, field: string, value: number) => {
    GENERAL_CAP.set(new DataView(bytes.buffer), field, value);
    return bytes;
  };

  it('what a tools context sets of a VF is what both queries read back, of that VF alone', () => {
    const machine = rig({ 'caps.GENERAL.roce': 1 });
    const { uid } = machine.createUctx(4);
    const other = (id: number) => asFunction(machine, OPCODE.QUERY_OTHER_HCA_CAP, id, 0).view.getUint8(16) >> 7;
    const wanted = changed(changed(generalOf(machine, 1), 'log_max_qp', 12), 'roce', 0);
    assert.deepEqual([other(1), other(2)], [1, 1]);
    assert.equal(asFunction(machine, OPCODE.SET_HCA_CAP, 1, 0, uid, wanted).status, 0);
    assert.deepEqual(generalOf(machine, 1), wanted);
    assert.deepEqual([other(1), other(2)], [0, 1]);
    assert.equal(GENERAL_CAP.get(new DataView(generalOf(machine, 2).buffer), 'log_max_qp'), 17);
    const max = asFunction(machine, OPCODE.QUERY_HCA_CAP, 1, 0).view;
    assert.equal(GENERAL_CAP.get(max, 'log_max_qp', 16), 17, 'the maximum stays');
  });

  it('refuses what is above the maximum, and changes nothing then', () => {
    const machine = rig();
    const before = generalOf(machine, 1);
    const answer = asFunction(
      machine,
      OPCODE.SET_HCA_CAP,
      1,
      0,
      0,
      changed(changed(before.slice(), 'log_max_cq', 3), 'log_max_qp', 18),
    );
    assert.equal(answer.syndrome, REFUSAL.CAP_SET_FIELD.syndrome);
    assert.deepEqual(generalOf(machine, 1), before);
    const opaque = asFunction(machine, OPCODE.SET_HCA_CAP, 1, 0x1a << 1, 0, Uint8Array.of(1));
    assert.equal(opaque.syndrome, REFUSAL.CAP_SET_FIELD.syndrome, 'a type without a layout is all zero');
  });

  it('takes the own function, in either form of op_mod', () => {
    const machine = rig();
    const { uid } = machine.createUctx(4);
    const own = () => generalOf(machine, 0);
    for (const [opMod, log_max_qp] of [
      [0, 12],
      [1, 14],
    ] as const) {
      const wanted = changed(own(), 'log_max_qp', log_max_qp);
      const answer = machine.command(OPCODE.SET_HCA_CAP, {
        opMod,
        uid,
        in: 4112,
        fill: (_, bytes) => bytes.set(wanted, 16),
      });
      assert.deepEqual([answer.status, own()], [0, wanted]);
    }
    assert.equal(GENERAL_CAP.get(new DataView(generalOf(machine, 1).buffer), 'log_max_qp'), 17, 'VFs keep theirs');
  });

  it('refuses unknown types and functions, and contexts without TOOLS_RESOURCES', () => {
    const machine = rig();
    const { uid } = machine.createUctx(1);
    const set = (id: number, opMod: number, by = 0) => asFunction(machine, OPCODE.SET_HCA_CAP, id, opMod, by).syndrome;
    assert.equal(set(1, 0x60), REFUSAL.CAP_TYPE.syndrome);
    assert.equal(set(3, 0), REFUSAL.OTHER_FUNCTION.syndrome);
    assert.equal(set(0, 0, uid), REFUSAL.CAP_SET_PRIVILEGE.syndrome);
    assert.equal(set(1, 0, uid), REFUSAL.CAP_SET_PRIVILEGE.syndrome);
  });
});
