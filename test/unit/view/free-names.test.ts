import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ClassDevice } from '../../../src/host/machine/host-device.ts';
import { FreeNames } from '../../../src/view/free-names.ts';

const device = (name: string): ClassDevice => ({ class: 'infiniband', name, uevent: () => [], attributes: () => [] });

it("numbers go on from the machine's own, each prefix by itself, and the machine is asked once", () => {
  const asked: string[] = [];
  const names = new FreeNames((name) => {
    asked.push(name);
    return [{ name: 'mlx5_0' }, { name: 'mlx5_3' }, { name: 'mlx5_bond_7' }, { name: 'bnxt_re0' }];
  });
  assert.deepEqual(
    ['mlx5_0', 'mlx5_1', 'bnxt_re0', 'bond'].map((name) => names.of(device(name))),
    ['mlx5_4', 'mlx5_5', 'bnxt_re1', 'bond'],
  );
  assert.deepEqual(asked, ['infiniband', 'infiniband']);
});
