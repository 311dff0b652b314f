/** The scope, buffer and timeout tables against what a compiler printed of both kernels (test/golden/drivers). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUFFER_REQUESTS } from '../../../../src/abi/bnxt/buffers.ts';
import { type AbiName, abiProfile } from '../../../../src/abi/profiles.ts';
import { rulesOf, scopeRefusal, scopesAllowing } from '../../../../src/drivers/bnxt/scopes.ts';
import { repository } from '../../../repository.ts';

interface GoldenField {
  readonly dir: 'TO_DEVICE' | 'FROM_DEVICE';
  readonly addr_off: number;
  readonly len_off?: number;
  readonly len_width?: number;
  readonly len_unit?: number;
  readonly fixed?: number;
}
interface GoldenRules {
  readonly scope: Readonly<Record<string, readonly [name: string, type: string][]>>;
  readonly dma: readonly {
    readonly req_type: string;
    readonly scope: number;
    readonly in_len: number;
    readonly fields: readonly GoldenField[];
  }[];
  readonly timeouts_ms: Readonly<Record<string, number>>;
}

const KERNELS: readonly [AbiName, string][] = [
  ['linux-7.1', '7.2'],
  ['linux-7.3', '7.3'],
];

for (const [name, version] of KERNELS) {
  test(`${name}: each of 65,536 request numbers as in ${version}'s tables`, () => {
    const golden: GoldenRules = JSON.parse(
      readFileSync(join(repository, `test/golden/drivers/bnxt-rules-${version}.json`), 'utf8'),
    );
    const needs = new Map<number, number>();
    for (const [scope, rows] of Object.entries(golden.scope))
      for (const [, type] of rows) needs.set(Number(type), Number(scope));
    for (const { req_type, scope } of golden.dma) needs.set(Number(req_type), scope);
    const abi = abiProfile(name);
    assert.ok(abi);
    const rules = rulesOf(abi);
    for (let type = 0; type < 0x10000; type++) {
      const rule = rules.get(type);
      assert.equal(rule?.needs, needs.get(type), type.toString(16));
      const scopes = [0, 1, 2, 3].filter((scope) => scope >= (needs.get(type) ?? 4));
      assert.deepEqual(scopesAllowing(abi, type), scopes);
      if (rule === undefined) continue;
      const wanted = golden.timeouts_ms[`0x${type.toString(16)}`] ?? golden.timeouts_ms.default;
      assert.equal(rule.timeoutMs, wanted, `timeout of 0x${type.toString(16)}`);
    }
    assert.equal([...rules.values()].filter(({ buffers }) => buffers !== undefined).length, golden.dma.length);
    for (const { req_type, in_len, fields } of golden.dma) {
      const row = BUFFER_REQUESTS.get(Number(req_type));
      assert.equal(row?.requestBytes, in_len);
      assert.deepEqual(
        row?.buffers,
        fields.map(({ dir, addr_off, fixed, len_off: at, len_width = 0, len_unit: unit }) => ({
          toDevice: dir === 'TO_DEVICE',
          address: addr_off,
          length: fixed ?? { at, bits: 8 * len_width, unit },
        })),
      );
    }
  });
}

test('a refusal says which it is', () => {
  const [old, latest] = ['linux-7.1', 'linux-7.3'].map(abiProfile);
  assert.ok(old && latest);
  const rules = [
    [latest, 0x17, /no kernel lets this request through/],
    [latest, 0x0, /needs scope FWCTL_RPC_DEBUG_READ_ONLY \(1\)/],
    [latest, 0xffff, /needs scope FWCTL_RPC_DEBUG_WRITE_FULL \(3\)/],
    [old, 0x23, /not let through by Linux 7\.1/],
  ] as const;
  for (const [abi, type, rule] of rules) {
    const refusal = scopeRefusal(abi, type);
    assert.equal(refusal.name, 'EPERM');
    assert.match(refusal.rule, rule);
    assert.ok(refusal.remedy);
  }
});
