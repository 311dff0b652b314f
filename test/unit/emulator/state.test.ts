/**
 * `--state`: what a device keeps over a power cycle outlives the emulator, which has the directory alone; a damaged
 * file is refused and left alone; a save that fails is said, and tried again.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serveRefusal } from '../../refusals.ts';
import { SLOWNESS } from '../../slowness.ts';
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
async function serve(directory = states, level = 'silent'): Promise<ChildProcess> {
  const args = ['serve', '--dev-dir', nodes, '--state', directory, '--control-socket', join(scratch, 'control.sock')];
  const child = spawn(process.execPath, [MAIN, ...args, '--log-level', level], {
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
  timeout: 60_000 * SLOWNESS,
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

test('a second emulator is refused, by directory and process, whatever it is and calls it; not after a kill -9', {
  skip,
  timeout: 60_000,
}, async () => {
  const directory = join(scratch, 'alone');
  const link = join(scratch, 'link');
  const first = await serve(directory);
  symlinkSync(directory, link);
  const second = (name: string, ...words: string[]) =>
    spawnSync(process.execPath, [MAIN, ...words, '--state', name, ...(words[0] === 'run' ? ['--', 'true'] : [])], {
      encoding: 'utf8',
      timeout: 20_000,
    });
  for (const name of [directory, link])
    for (const words of [['run'], ['serve', '--dev-dir', join(scratch, 'other'), '--no-control']]) {
      const { status, stderr } = second(name, ...words);
      const holder = `another emulator, process ${first.pid}, keeps its state there`;
      assert.equal(stderr, `fwctl-emu: ${name}: ${holder}; end that one, or name another directory\n`);
      assert.ok(status !== 0 && status !== null, `${status}`);
    }
  first.kill('SIGKILL');
  await gone(first);
  assert.equal(second(link, 'run').status, 0);
  const abis = ['run', '--abi', 'v2,linux-6.15'];
  assert.equal(second(link, ...abis).status, 0, 'one after the other');
});

test('a full disk is said at once; the device goes on, and what it keeps is saved when there is room', {
  skip,
  timeout: 60_000,
}, async (t) => {
  const directory = join(scratch, 'small');
  mkdirSync(directory);
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'none', directory]).status, 0);
  t.after(() => spawnSync('umount', ['-l', directory]));
  const server = await serve(directory, 'error');
  let said = '';
  server.stderr?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const told = async (pattern: RegExp) => {
    while (!pattern.test(said)) await pause(10);
  };
  const fill = join(directory, 'fill');
  assert.throws(() => writeFileSync(fill, Buffer.alloc(64 * 1024)), /ENOSPC/);
  await description(device, 'one');
  await told(/0000:00:0a\.0\.json: the state cannot be saved \(ENOSPC\); the earlier one stays/);
  assert.equal(await description(device, 'two'), 'two');
  rmSync(fill);
  assert.equal(await description(device, 'three'), 'three');
  await told(/0000:00:0a\.0\.json: the state is saved again/);
  assert.equal(said.split('\n').filter((line) => line !== '').length, 2, said);

  assert.throws(() => writeFileSync(fill, Buffer.alloc(64 * 1024)), /ENOSPC/);
  await description(device, 'four');
  await told(/ENOSPC.*ENOSPC/s);
  rmSync(fill);
  server.kill('SIGTERM');
  await gone(server);
  const text = readFileSync(join(directory, '0000:00:0a.0.json'), 'utf8');
  assert.match(text, /666f7572/, 'the end tries once more');
});
