import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CAP_TYPES } from '../../../../src/abi/mlx5/cap-types.ts';
import { GENERAL_CAP } from '../../../../src/abi/mlx5/caps/general.ts';
import { hcaCapOpMod } from '../../../../src/abi/mlx5/headers.ts';
import { OPCODE } from '../../../../src/abi/mlx5/opcodes.ts';
import { STATUS } from '../../../../src/abi/mlx5/status.ts';
import { connectx6dx } from '../../../../src/devices/connectx6dx.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { PACKED_CAPS } from '../../abi/mlx5/packed-caps.ts';
import { rig } from './rig.ts';

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
      assert.equal(Buffer.from(answer).toString('hex'), hex.padEnd(8192, '0'));
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
    const debug = query(0xd, 'current', 4112 + 4 * 175).bytes;
    assert.equal(debug.length, 4812);
    assert.ok(debug.subarray(16, 80).some((byte) => byte !== 0));
    assert.ok(debug.subarray(80).every((byte) => byte === 0));
  });

  it('knows no other function', () => {
    const other = rig().command(OPCODE.QUERY_HCA_CAP, { opMod: 1, out: 4112, fill: (view) => view.setUint8(8, 0x80) });
    assert.deepEqual([other.status, other.syndrome], [STATUS.BAD_PARAM, REFUSAL.OTHER_FUNCTION.syndrome]);
  });
});
