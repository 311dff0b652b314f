import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ABI_PROFILES, type AbiName, abiProfile } from '../../../../src/abi/profiles.ts';
import { SCOPE_TABLE } from '../../../../src/drivers/mlx5/scope-table.ts';
import { compileScopes, scopesAllowing } from '../../../../src/drivers/mlx5/scopes.ts';

function allowing(name: AbiName, opcode: number, opMod = 0): number[] {
  const abi = abiProfile(name);
  assert.ok(abi);
  return scopesAllowing(abi, opcode, opMod);
}

test('the table has 94 opcodes, ascending', () => {
  assert.equal(SCOPE_TABLE.length, 94);
  const opcodes = SCOPE_TABLE.map(({ opcode }) => opcode);
  assert.deepEqual(
    opcodes,
    [...new Set(opcodes)].sort((a, b) => a - b),
  );
});

test('which scopes, or which profile, would have let a command pass', () => {
  assert.deepEqual(allowing('linux-7.3', 0x100), [0, 1, 2, 3]);
  assert.deepEqual(allowing('v2', 0x100), [0]);
  assert.deepEqual(allowing('linux-7.3', 0x10a), [1, 2, 3]);
  assert.deepEqual(allowing('v2', 0x10a), [0, 1]);
  assert.deepEqual(allowing('linux-7.3', 0x820), [2, 3]);
  assert.deepEqual(allowing('linux-7.3', 0x805, 0), [0, 1, 2, 3]);
  assert.deepEqual(allowing('linux-7.3', 0x805, 1), [1, 2, 3]);
  assert.deepEqual(allowing('v2', 0x805, 1), [0, 1]);
  assert.deepEqual(allowing('linux-6.15', 0x731), []);
  assert.deepEqual(allowing('linux-7.3', 0x731), [0, 1, 2, 3]);
  assert.deepEqual(allowing('linux-7.3', 0xa04), [], 'nobody creates contexts through fwctl');
});

test('the compiled table says the same as the rows', () => {
  for (const abi of ABI_PROFILES) {
    const masks = compileScopes(abi);
    for (let opcode = 0; opcode < 0x10000; opcode++) {
      for (const opMod of [0, 1, 0xffff]) {
        const mask = ((masks[opcode] as number) >> (opMod === 0 ? 0 : 4)) & 15;
        const scopes = [0, 1, 2, 3].filter((scope) => (mask >> scope) & 1);
        assert.deepEqual(scopes, scopesAllowing(abi, opcode, opMod));
      }
      if (opcode > 0xc00 && opcode < 0x7fff) opcode += 0x100;
    }
  }
});
