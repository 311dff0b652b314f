/**
 * `serve --state`: what a device keeps over a power cycle outlives
 * the emulator; a damaged file is refused and left alone.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveRefusal } from '../../refusals.ts';
import { description } from '../cli/node-description.ts';

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

const device = join(nodes, 'fwctl0');
const gone = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

test('what was written is there after a kill -9 and a new start; a damaged file is refused by name', {
  skip,
  timeout: 60_000,
}, async () => {
  const first = await serve();
  await description(device, 'kept over a power cycle');
  first.kill('SIGKILL');
  await gone(first);
  const second = await serve();
  assert.equal(await description(device), 'kept over a power cycle');
  second.kill('SIGTERM');
  await gone(second);

  const [name = ''] = readdirSync(states);
  const file = join(states, name);
  const damaged = readFileSync(file, 'utf8').slice(0, 40);
  writeFileSync(file, damaged);
  await assert.rejects(serve(), (error: Error) => error.message.includes(file));
  assert.equal(readFileSync(file, 'utf8'), damaged);
});
