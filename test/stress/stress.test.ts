import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { serveRefusal } from '../refusals.ts';
import { SLOWNESS } from '../slowness.ts';
import { memory } from './memory.ts';
import { STRESS_CLIENT } from './server.ts';
import { stress } from './stress.ts';

const skip = serveRefusal() || (!existsSync(STRESS_CLIENT) && `${STRESS_CLIENT} is not built (make c)`);

test('8 clients, faults by chance, plug and unplug at random: no wrong answer, none stuck', {
  skip,
  timeout: 120_000 * SLOWNESS,
}, async () => {
  const result = await stress({ clients: 8, rpcs: 1500, seed: 7, unplugMs: 60 });
  assert.deepEqual(result.bad, []);
  const { counts } = result;
  assert.equal(counts.rpcs, 8 * 1500);
  assert.equal(counts.wrong, 0);
  assert.ok(counts.eio > 20 && counts.refused > 20 && counts.gone > 0, JSON.stringify(counts));
  assert.equal(result.openFiles, 0);
  assert.equal(result.held, 0);
  assert.equal(result.traced, counts.rpcs);
  assert.equal(result.status, 0);
  assert.equal(result.clean, true);
});

for (const traced of [false, true])
  test(`memory, ${traced ? 'traced' : 'untraced'}: what a run holds after RPCs, opens and closes does not grow`, {
    skip,
    timeout: 120_000,
  }, async () => {
    const result = await memory({ rpcs: 20_000, reopen: 1, traced });
    assert.deepEqual([result.rpcs, result.opens, result.wrong], [20_000, 20_000, 0]);
    // an open file that is kept would be several hundred
    assert.ok(result.bytesPerRpc < 100, JSON.stringify(result));
  });
