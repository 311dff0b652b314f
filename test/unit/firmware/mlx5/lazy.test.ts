/**
 * What a device costs before anybody asks it for anything: the parts
 * that are made at first use are made once, and as of power-up.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ABI_PROFILES } from '../../../../src/abi/profiles.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import { compileScopes } from '../../../../src/drivers/mlx5/scopes.ts';
import { HcaCaps } from '../../../../src/firmware/mlx5/hca-caps.ts';
import { ObjectStore } from '../../../../src/firmware/mlx5/objects.ts';
import { createWorld } from '../../../../src/firmware/mlx5/world.ts';

test('objects are made at the first question, once; a context that closes asks none', () => {
  let fills = 0;
  const objects = new ObjectStore((store) => {
    fills++;
    store.add('CQ', 5, {});
  });
  assert.equal(objects.release(7), 0);
  assert.equal(fills, 0);
  assert.ok(objects.get('CQ', 5));
  assert.equal(objects.count('CQ'), 1);
  assert.equal(fills, 1);
  objects.add('CQ', 6, {}, { owner: 7 });
  assert.equal(objects.release(7), 1);
});

test('what is added first does not keep the objects of power-up away', () => {
  const objects = createWorld(connectx6dx, 0);
  const before = createWorld(connectx6dx, 0).count('CQ');
  objects.add('CQ', 4_000_000, {});
  assert.equal(objects.count('CQ'), before + 1);
});

test('devices of one profile share packed capabilities, and a change of one stays its own', () => {
  const [one, other] = [new HcaCaps(connectx6dx), new HcaCaps(connectx6dx)];
  const general = 1; // op_mod: type GENERAL, current
  assert.equal(one.image(general), other.image(general));
  const changed = { ...connectx6dx.caps, GENERAL: { ...connectx6dx.caps.GENERAL, log_max_qp: 3 } };
  one.adopt({ ...connectx6dx, caps: changed });
  assert.equal(one.general('log_max_qp'), 3);
  assert.notEqual(other.general('log_max_qp'), 3);
});

test('a profile of the kernel compiles its scopes once', () => {
  for (const abi of ABI_PROFILES) assert.equal(compileScopes(abi), compileScopes(abi));
  const [first, second] = ABI_PROFILES;
  if (first !== undefined && second !== undefined) assert.notEqual(compileScopes(first), compileScopes(second));
});
