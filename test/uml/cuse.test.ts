/** What needs a true /dev/cuse, which exists in user-mode Linux: a number that is taken, `serve`, the stress run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { uml } from './uml.ts';

const TAKEN = fileURLToPath(new URL('./cuse-guest.js', import.meta.url));
const GUEST = fileURLToPath(new URL('./serve-guest.js', import.meta.url));
const RETRY = fileURLToPath(new URL('./retry-guest.js', import.meta.url));
const MEMORY = fileURLToPath(new URL('./memory-guest.js', import.meta.url));
const STRESS = fileURLToPath(new URL('../stress/main.js', import.meta.url));

test('a CUSE device whose number is taken is refused by name', async (t) => {
  const run = await uml(t, ['node', TAKEN], { timeout: 60 });
  if (run === undefined) return;
  assert.deepEqual([run.status, run.stdout], [0, 'refused, and free again\n'], run.stderr);
});

test('serve over CUSE: nodes, clients, plug and unplug, both ends', async (t) => {
  const run = await uml(t, ['node', GUEST], { timeout: 240 });
  if (run === undefined) return;
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /^SIGKILL: the nodes go with the process/m);
});

test('a driver that reads behind pointers over CUSE by retry: one call is one, to faults, counters and recorder', async (t) => {
  const run = await uml(t, ['node', RETRY], { timeout: 120 });
  if (run === undefined) return;
  const ways = ['with a door', 'without a door'].flatMap((door) => [
    `${door}: faults of the second and of the third call strike them`,
    `${door}: one line is recorded for one call`,
    `${door}: one call is counted as one`,
  ]);
  assert.deepEqual([run.status, run.stdout.trim().split('\n')], [0, ways], run.stderr);
});

test('memory that is odd or late, over CUSE by thread id and by retry', async (t) => {
  const run = await uml(t, ['node', MEMORY], { timeout: 240 });
  if (run === undefined) return;
  const lines = run.stdout.trim().split('\n');
  assert.deepEqual(
    lines.filter((line) => line.startsWith('WRONG')),
    [],
    run.stderr,
  );
  assert.deepEqual(
    lines.filter((line) => line.startsWith('status')),
    ['status 0', 'status 0'],
    run.stdout + run.stderr,
  );
  assert.ok(lines.filter((line) => line.startsWith('ok')).length >= 24, run.stdout);
});

test('clients, faults, plug and unplug at random over CUSE', async (t) => {
  const run = await uml(t, ['node', STRESS, '--cuse', '4', '1500'], { timeout: 240 });
  if (run === undefined) return;
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.ok(JSON.parse(run.stdout).unplugs > 10, run.stdout);
});
