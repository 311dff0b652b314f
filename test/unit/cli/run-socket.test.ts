/** Directories of control sockets: whose they are, and which are taken away. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LONGEST_BASE, listenPrivately, removeDeadSockets } from '../../../src/cli/run-socket.ts';
import type { Listening } from '../../../src/control/listen.ts';
import { loadNative } from '../../../src/transport/native.ts';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
after(() => rmSync(scratch, { recursive: true }));
const { lockFile } = loadNative();
const LAUNCHER = join(repository, 'scripts/fwctl-emu');

function base(name: string): string {
  const path = join(scratch, name);
  mkdirSync(path);
  return path;
}

function listenAt(path: string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(path, () => resolve(server));
  });
}

async function listen(path: string): Promise<Listening> {
  const server = await listenAt(path);
  return { path, finish: async () => void server.close(), close: () => void server.close() };
}

/** A socket that refuses: its process is gone. */
function deadSocket(path: string): void {
  const script = 'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))';
  spawnSync(process.execPath, ['-e', script, path]);
  assert.ok(existsSync(path));
}

function directory(at: string, name: string): string {
  const path = join(at, name);
  mkdirSync(path, { mode: 0o700 });
  return path;
}

test('a socket stands in a directory of its own, as long as it listens, at the longest path that there may be', async () => {
  const at = join(scratch, 'x'.repeat(LONGEST_BASE - scratch.length - 1));
  mkdirSync(at);
  const { path = '', finish } = await listenPrivately(at, lockFile, listen);
  assert.equal(Buffer.byteLength(path), 106);
  assert.deepEqual(readdirSync(at).length, 1);
  await finish();
  assert.deepEqual(readdirSync(at), []);
});

test('where nothing can be listened on, nothing is left', async () => {
  const at = base('fails');
  await assert.rejects(
    listenPrivately(at, lockFile, async () => {
      throw new Error('no');
    }),
    /no/,
  );
  assert.deepEqual(readdirSync(at), []);
});

test('what the dead have left goes, at whatever moment they died', async () => {
  const at = base('dead');
  deadSocket(join(directory(at, 'fwctl-emu-aaaaaa'), 'control.sock'));
  deadSocket(join(directory(at, '.fwctl-emu-bbbbbb'), 'control.sock'));
  directory(at, '.fwctl-emu-cccccc');
  await removeDeadSockets(at, lockFile);
  assert.deepEqual(readdirSync(at), []);
});

test('the living stay: by their lock, by who answers', async () => {
  const at = base('living');
  const locked = await listenPrivately(at, lockFile, listen);
  const starting = directory(at, '.fwctl-emu-dddddd');
  const fd = openSync(starting, 'r');
  lockFile(fd);
  const unlocked = await listenAt(join(directory(at, 'fwctl-emu-eeeeee'), 'control.sock'));
  const before = readdirSync(at);
  await removeDeadSockets(at, lockFile);
  assert.deepEqual(readdirSync(at), before);
  assert.equal(before.length, 3);
  closeSync(fd);
  locked.close();
  unlocked.close();
});

test("what is no such thing stays: links, other files, other names, others' directories", async () => {
  const at = base('other');
  const outside = directory(scratch, 'outside');
  deadSocket(join(outside, 'control.sock'));
  symlinkSync(outside, join(at, 'fwctl-emu-aaaaaa'));
  symlinkSync(join(outside, 'control.sock'), join(directory(at, 'fwctl-emu-bbbbbb'), 'control.sock'));
  writeFileSync(join(directory(at, 'fwctl-emu-cccccc'), 'control.sock'), '');
  deadSocket(join(directory(at, 'fwctl-emu-dddddd'), 'control.sock'));
  chmodSync(join(at, 'fwctl-emu-dddddd'), 0o755);
  deadSocket(join(directory(at, 'fwctl-emu-longer'), 'control.sock'));
  writeFileSync(join(at, 'fwctl-emu-longer', 'notes'), 'mine');
  directory(at, 'fwctl-emu-ffffff'); // empty: no run leaves that
  deadSocket(join(directory(at, 'fwctl-emu-1234567'), 'control.sock'));
  writeFileSync(join(at, 'fwctl-emu-gggggg'), '');
  const before = readdirSync(at);
  await removeDeadSockets(at, lockFile);
  assert.deepEqual(readdirSync(at), before);
  assert.ok(existsSync(join(outside, 'control.sock')));
  assert.ok(existsSync(join(at, 'fwctl-emu-longer', 'notes')));
  await removeDeadSockets(join(scratch, 'none'), lockFile);
});

test('runs killed at any moment leave nothing that the next does not take away', { skip: runRefusal() }, async () => {
  const at = base('runs');
  const env = { ...process.env, TMPDIR: at, XDG_RUNTIME_DIR: '' };
  for (const wait of [30, 60, 90, 120, 150, 180, 220, 260, 300, 400, 600, 1000]) {
    const child = spawn(LAUNCHER, ['run', '--', 'sleep', '0.2'], { env, stdio: 'ignore', detached: true });
    await new Promise((resolve) => setTimeout(resolve, wait));
    child.kill('SIGKILL');
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { status, stderr } = spawnSync(LAUNCHER, ['run', '--', 'true'], { env, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(readdirSync(at), []);
});
