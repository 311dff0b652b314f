import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { laidOut } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { MNVDA } from '../../../../src/abi/mlx5/registers/mnvda.ts';
import { NODE_DESC } from '../../../../src/abi/mlx5/registers/node-desc.ts';
import { PAOS } from '../../../../src/abi/mlx5/registers/paos.ts';
import { port1, type Rig, rig } from './rig.ts';

const HEADER = 'configuration_item_header';
/** TLV 6 of class 0 (global), nv_memic_conf: 4 bytes. */
const MEMIC = 0x0000_0006;

function nvda(data: readonly number[]): Uint8Array {
  const image = MNVDA.encode({ [`${HEADER}.type`]: MEMIC, [`${HEADER}.length`]: 4, [`${HEADER}.writer_id`]: 9 });
  image.set(data, 12);
  return image.slice(0, 16);
}
const setTlv = (machine: Rig, data: readonly number[]) => machine.writeRegister(laidOut(MNVDA).id, nvda(data)).status;
const tlv = (machine: Rig, mode: number) => {
  const request = MNVDA.encode({
    [`${HEADER}.type`]: MEMIC,
    [`${HEADER}.access_mode`]: mode,
    [`${HEADER}.length`]: 0x100,
  });
  return machine.readRegister(laidOut(MNVDA).id, request, 16 + 268).data.getUint32(12);
};
const describeNode = (machine: Rig, text: string) =>
  machine.writeRegister(laidOut(NODE_DESC).id, NODE_DESC.encode({ node_description: text }));
const nodeOf = (machine: Rig) =>
  Buffer.from(machine.readRegister(laidOut(NODE_DESC).id).bytes.subarray(16, 80))
    .toString('latin1')
    .replace(/\0+$/, '');

describe('the state that outlives power', () => {
  it('of a fresh device is empty, and makes a fresh device', () => {
    const { firmware } = rig();
    assert.deepEqual(firmware.saveState(), { version: 1, nv: {}, registers: {} });
    firmware.restoreState(firmware.saveState());
  });

  it('holds NV configuration and the retained registers; a set TLV becomes current', () => {
    const first = rig();
    assert.equal(setTlv(first, [0, 0, 0x70, 1]), 0);
    assert.equal(describeNode(first, 'bench 7').status, 0);
    const [next, current] = [tlv(first, 0), tlv(first, 1)];
    assert.equal(next, 0x7001);
    assert.notEqual(current, 0x7001);
    const second = rig();
    second.firmware.restoreState(JSON.parse(JSON.stringify(first.firmware.saveState())));
    assert.deepEqual([tlv(second, 0), tlv(second, 1)], [0x7001, 0x7001]);
    assert.equal(nodeOf(second), 'bench 7');
    assert.deepEqual(second.firmware.saveState(), first.firmware.saveState());
  });

  it('holds nothing volatile: port states, VF capabilities, user contexts', () => {
    const machine = rig();
    const data = port1(16);
    PAOS.assign(new DataView(data.buffer), { admin_status: 2, ase: 1 });
    assert.equal(machine.writeRegister(laidOut(PAOS).id, data).status, 0);
    machine.createUctx(4);
    assert.deepEqual(machine.firmware.saveState(), { version: 1, nv: {}, registers: {} });
  });

  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ['null', null, /no record/],
    ['a list', [], /no record/],
    ['a newer version', { version: 2, nv: {}, registers: {} }, /version 2; this fwctl-emu reads version 1/],
    ['no nv', { version: 1, registers: {} }, /nv or registers is missing/],
    ['numbers', { version: 1, nv: { '0x00000006': 7 }, registers: {} }, /no record of hex texts/],
    [
      'an unknown TLV',
      { version: 1, nv: { '0x00ffffff': '00' }, registers: {} },
      /nv\.0x00ffffff: the device has no TLV/,
    ],
    [
      'a TLV of another size',
      { version: 1, nv: { '0x00000006': '00' }, registers: {} },
      /no TLV of this type with 1 bytes/,
    ],
    ['odd hex', { version: 1, nv: { '0x00000006': '0000000' }, registers: {} }, /pairs of hex digits/],
    [
      'a volatile register',
      { version: 1, nv: {}, registers: { PAOS: {} } },
      /registers\.PAOS: no register that is kept/,
    ],
    ['a short register', { version: 1, nv: {}, registers: { NODE_DESC: { 0: '00' } } }, /64 bytes of an instance/],
    [
      'a bad instance',
      { version: 1, nv: {}, registers: { NODE_DESC: { x: '00'.repeat(64) } } },
      /64 bytes of an instance/,
    ],
  ];
  for (const [what, state, message] of refused) {
    it(`refuses ${what}, and changes nothing`, () => {
      const machine = rig();
      const before = nodeOf(machine);
      const mixed = { ...(state as object) } as { nv?: object; registers?: object };
      assert.throws(
        () => machine.firmware.restoreState(Array.isArray(state) || state === null ? state : mixed),
        message,
      );
      assert.equal(nodeOf(machine), before);
      assert.deepEqual(machine.firmware.saveState(), { version: 1, nv: {}, registers: {} });
    });
  }
});
