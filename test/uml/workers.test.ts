/** `serve --workers` over a true /dev/cuse, which exists in user-mode Linux: workers-guest.ts does it there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { uml } from './uml.ts';

const GUEST = fileURLToPath(new URL('./workers-guest.js', import.meta.url));

test('serve --workers 2 over CUSE: nodes, clients, plug and unplug, both ends', async (t) => {
  const run = await uml(t, ['node', GUEST], { timeout: 240 });
  if (run === undefined) return;
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /^SIGKILL: the nodes go with the process/m);
});
