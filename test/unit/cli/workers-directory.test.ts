/** The directory of the nodes for `serve --workers`: what an open gets that comes before the node is mounted. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { directorySystem } from '../../../src/cli/serve-parts.ts';
import { serveDirectory } from '../../../src/cli/workers/directory.ts';
import type { NodeFacts } from '../../../src/host/host-device.ts';
import { loadNative } from '../../../src/transport/native.ts';
import { serveRefusal } from '../../refusals.ts';
import { hold, mountsBelow, placeFor } from './workers-rig.ts';

/** asm-generic/fcntl.h; the look-up without the open. */
const O_PATH = 0o10000000;

const NODE: NodeFacts = { path: 'fwctl/fwctl0', name: 'fwctl0', class: 'fwctl', minor: 0, mode: 0o600, uid: 0, gid: 0 };

/** It waits for an answer to the same request at several looks, between which all others are answered. */
async function waitsForAnswer(pid: number): Promise<void> {
  for (let seen = 0; seen < 5; await pause(10))
    seen = readFileSync(`/proc/${pid}/wchan`, 'utf8') === 'request_wait_answer' ? seen + 1 : 0;
}

const options = { skip: serveRefusal(), timeout: 20_000 };
const nothing = () => {};
const log = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

function serveNodes(name: string) {
  const { directory } = placeFor(name);
  mkdirSync(directory);
  const native = loadNative();
  return { directory, nodes: serveDirectory(directory, true, directorySystem(native), native, log) };
}

test(
  'an open that waits for a node that goes is ENXIO, though another of its name comes at once',
  options,
  async () => {
    const { directory, nodes } = serveNodes('going');
    const path = await nodes.show(NODE);
    const client = hold(path, 'stdin');
    await waitsForAnswer(client.child.pid ?? 0);
    nodes.hide(NODE);
    await nodes.show(NODE);
    assert.equal((await client.ended).status, 6, 'ENXIO');
    nodes.close();
    assert.deepEqual(mountsBelow(directory), []);
  },
);

for (const [when, mounted] of [
  ['before it was mounted', false],
  ['mounted', true],
] as const)
  test(`an open of a node that was looked up and has gone, ${when}, is ENXIO`, options, async () => {
    const { directory, nodes } = serveNodes(`gone-${mounted}`);
    const path = await nodes.show(NODE);
    const found = await open(path, O_PATH);
    if (mounted) nodes.mounted(NODE.path);
    nodes.hide(NODE);
    await assert.rejects(open(`/proc/self/fd/${found.fd}`, 'r+'), { code: 'ENXIO' });
    await found.close();
    nodes.close();
    assert.deepEqual(mountsBelow(directory), []);
  });
