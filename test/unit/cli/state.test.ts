/** `serve --state`: what a device keeps over a power cycle outlives the emulator; a damaged file is refused and left alone. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openNode } from '../../../src/transport/client.ts';
import { loadNative } from '../../../src/transport/native.ts';
import { serveRefusal } from '../../refusals.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const skip = serveRefusal();
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-state-')));
const nodes = join(scratch, 'dev');
const states = join(scratch, 'state');
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
  spawnSync('umount', ['-l', nodes], { stdio: 'ignore' });
  rmSync(scratch, { recursive: true });
});

/** Starts `serve --state`; rejects with what it says when it ends instead. */
async function serve(): Promise<ChildProcess> {
  const args = ['serve', '--dev-dir', nodes, '--state', states, '--control-socket', join(scratch, 'control.sock')];
  const child = spawn(process.execPath, [MAIN, ...args, '--log-level', 'silent'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.stderr?.once('data', (data: Buffer) => reject(new Error(data.toString())));
  });
  return child;
}

/** NODE_DESC (0x6001): written when `text` is given, and what it says then. */
async function description(text?: string): Promise<string> {
  const request = new Uint8Array(16 + 64);
  const view = new DataView(request.buffer);
  view.setUint16(0, 0x805);
  view.setUint16(6, text === undefined ? 1 : 0);
  view.setUint16(10, 0x6001);
  if (text !== undefined) request.set(new TextEncoder().encode(text), 16);
  const file = await openNode(join(nodes, 'fwctl0'), loadNative());
  const answer = await file.rpc(1, request, request.length);
  await file.close();
  assert.ok('value' in answer, JSON.stringify(answer));
  assert.equal(answer.value.reply[0], 0, 'firmware status');
  return new TextDecoder().decode(answer.value.reply.subarray(16)).replace(/\0.*$/s, '');
}

const gone = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

test('what was written is there after a kill -9 and a new start; a damaged file is refused by name', {
  skip,
  timeout: 60_000,
}, async () => {
  const first = await serve();
  await description('kept over a power cycle');
  first.kill('SIGKILL');
  await gone(first);
  const second = await serve();
  assert.equal(await description(), 'kept over a power cycle');
  second.kill('SIGTERM');
  await gone(second);

  const [name = ''] = readdirSync(states);
  const file = join(states, name);
  const damaged = readFileSync(file, 'utf8').slice(0, 40);
  writeFileSync(file, damaged);
  await assert.rejects(serve(), (error: Error) => error.message.includes(file));
  assert.equal(readFileSync(file, 'utf8'), damaged);
});
