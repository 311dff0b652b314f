/** All registers of the HCA data base, for three chips: answered or refused as the tables say, and each says why. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REGISTERS } from '../../../../src/abi/mlx5/registers.ts';
import { bluefield3 } from '../../../../src/devices/mlx5/bluefield3.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import { connectx7 } from '../../../../src/devices/mlx5/connectx7.ts';
import { ABSENT, EVIDENCE } from '../../../../src/firmware/mlx5/registers/provenance.ts';
import { MLX5_REGISTERS } from '../../../../src/firmware/mlx5/registers.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { rig } from './rig.ts';

/** Registers that only some chips have. */
const FROM_CONNECTX7 = ['PLDS', 'MTEIM'];
/** Asked with zeros they answer that nothing is selected so: a TLV, a string, a handle has to be named. */
const WANTS_SELECTION: ReadonlySet<number> = new Set(
  [REFUSAL.REGISTER_SELECTOR, REFUSAL.REGISTER_VALUE, REFUSAL.NV_UNKNOWN].map(({ syndrome }) => syndrome),
);
const SELECTED = ['MNVDA', 'MNVQC', 'MQIS', 'MNVGN', 'MNVDI'];

describe('the register data base', () => {
  it('every register has a row or a reason why it has none, and every row its evidence', () => {
    for (const { name, id } of REGISTERS) {
      const has = MLX5_REGISTERS.has(id);
      assert.equal(EVIDENCE.has(name), has, `${name}: evidence`);
      assert.equal(ABSENT.has(name), !has, `${name}: ${ABSENT.get(name) ?? 'no reason'}`);
    }
    const names = new Set(REGISTERS.map(({ name }) => name));
    for (const name of [...EVIDENCE.keys(), ...ABSENT.keys()]) assert.ok(names.has(name), `${name} is no register`);
  });

  for (const profile of [connectx6dx, connectx7, bluefield3]) {
    it(`${profile.name}: answers what it has and refuses the rest`, () => {
      const machine = rig({}, profile);
      for (const { name, id } of REGISTERS) {
        const has = EVIDENCE.has(name) && !(profile === connectx6dx && FROM_CONNECTX7.includes(name));
        const { status, syndrome } = machine.readRegister(id, new Uint8Array(1024));
        if (!has) assert.equal(syndrome, REFUSAL.REGISTER_UNKNOWN.syndrome, name);
        else if (status !== 0)
          assert.ok(SELECTED.includes(name) && WANTS_SELECTION.has(syndrome), `${name}: ${syndrome}`);
      }
    });
  }

  it('the access masks say of each chip what it has', () => {
    // PLDS is bit 0x76 of the port registers from 0x5000 on: the first dword of the mask, bit 22.
    const plds = (profile: typeof connectx7) => (rig({}, profile).readRegister(0x507f).data.getUint32(8) >>> 22) & 1;
    assert.deepEqual([plds(connectx6dx), plds(connectx7)], [0, 1]);
  });
});
