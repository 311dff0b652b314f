/**
 * The native addon in worker threads: Node aborts the whole process when a thread ends with a handle of the addon's in
 * its event loop, so each case is a process of its own. Needs no mount and no root.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ENDS } from './native-thread-ends.ts';

const RUN = fileURLToPath(new URL('native-threads-run.js', import.meta.url));

function run(what: string): void {
  const { status, signal, stderr } = spawnSync(process.execPath, [RUN, what], { encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' });
}

for (const how of Object.keys(ENDS)) {
  test(`worker threads with open watches end by: ${how}`, () => run(how));
}

test('two worker threads answer at the same time, each with its own buffers', () => run('serve'));
