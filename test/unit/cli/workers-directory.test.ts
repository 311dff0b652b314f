/** The directory of the nodes for `serve --workers`: what an open gets that comes before the node is mounted. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { directorySystem } from '../../../src/cli/serve-parts.ts';
import { serveDirectory } from '../../../src/cli/workers/directory.ts';
import type { NodeFacts } from '../../../src/host/host-device.ts';
import { loadNative } from '../../../src/transport/native.ts';
import { serveRefusal } from '../../refusals.ts';
import { hold, mountsBelow, placeFor } from './workers-rig.ts';

const NODE: NodeFacts = { path: 'fwctl/fwctl0', name: 'fwctl0', class: 'fwctl', minor: 0, mode: 0o600, uid: 0, gid: 0 };

/** It waits for an answer to the same request at several looks, between which all others are answered. */
async function waitsForAnswer(pid: number): Promise<void> {
  for (let seen = 0; seen < 5; await pause(10))
    seen = readFileSync(`/proc/${pid}/wchan`, 'utf8') === 'request_wait_answer' ? seen + 1 : 0;
}

test('an open that waits for a node that goes is ENXIO, though another of its name comes at once', {
  skip: serveRefusal(),
  timeout: 20_000,
}, async () => {
  const { directory } = placeFor('going');
  mkdirSync(directory);
  const nothing = () => {};
  const log = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
  const native = loadNative();
  const nodes = serveDirectory(directory, true, directorySystem(native), native, log);
  const path = await nodes.show(NODE);
  const client = hold(path, 'stdin');
  await waitsForAnswer(client.child.pid ?? 0);
  nodes.hide(NODE);
  await nodes.show(NODE);
  assert.equal((await client.ended).status, 6, 'ENXIO');
  nodes.close();
  assert.deepEqual(mountsBelow(directory), []);
});
