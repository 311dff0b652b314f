import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { runRefusal, serveRefusal } from '../refusals.ts';
import { SLOWNESS } from '../slowness.ts';
import { MANY_DEVICES, type ManyResult, manyRun, manyServed, STEADY_CLIENT } from './many.ts';

const unbuilt = !existsSync(STEADY_CLIENT) && `${STEADY_CLIENT} is not built (make c)`;
const timeout = 60_000 * SLOWNESS;
const options = { ms: 3000 * SLOWNESS, seed: 11, pauseMs: 15 };

test(
  'serve: every driver in one machine, each device unplugged and replugged under load',
  {
    skip: serveRefusal() || unbuilt,
    timeout,
  },
  async () => allWell(await manyServed(options)),
);

test('run: the same', { skip: runRefusal() || unbuilt, timeout }, async () => allWell(await manyRun(options)));

function allWell(result: ManyResult): void {
  assert.deepEqual(result.bad, []);
  assert.equal(Object.keys(result.clients).length, MANY_DEVICES.length);
  for (const [name, { good, wrong }] of Object.entries(result.clients)) {
    assert.equal(wrong, 0, name);
    assert.ok(good > 0, name);
  }
  const gone = Object.values(result.clients).reduce((sum, client) => sum + client.gone, 0);
  assert.ok(gone > 0 && result.unplugs > 0 && result.replugs > 0, JSON.stringify(result));
  assert.deepEqual([result.openFiles, result.held], [0, 0]);
}
