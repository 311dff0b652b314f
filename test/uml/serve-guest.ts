/**
 * Runs in the guest, as root: `serve` over a true /dev/cuse, and real clients. Says what has held, one line each; what
 * has not is an AssertionError.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { callMethod } from '../../src/control/client.ts';
import { METHODS } from '../../src/control/methods.ts';
import { repository } from '../repository.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const SOCKET = '/tmp/control.sock';
const WORDS = ['serve', '--device', 'connectx6dx,count=4', '--control-socket', SOCKET];
const said = (line: string) => void process.stdout.write(`${line}\n`);

interface Ended {
  readonly status: number | null;
  readonly text: string;
}

interface Running {
  readonly child: ChildProcess;
  /** What it has written so far. */
  text(): string;
  readonly ended: Promise<Ended>;
}

function start(program: string, ...args: readonly string[]): Running {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  const ended = new Promise<Ended>((resolve) => child.once('close', (status) => resolve({ status, text })));
  return { child, text: () => text, ended };
}

const client = (name: string, ...args: readonly string[]) => start(join(repository, 'build/c', name), ...args);
const hold = (device: number) => client('hold', node(device), 'rpc', '0');
const node = (device: number) => `/dev/fwctl/fwctl${device}`;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 1000, `in vain waited for: ${what}`);
    await pause(20);
  }
}

async function serve(...more: readonly string[]): Promise<Running> {
  const server = start(process.execPath, MAIN, ...WORDS, ...more);
  await until('the service', () => server.text().includes('serving') || server.child.exitCode !== null);
  assert.match(server.text(), /serving 4 devices, .* in \/dev\/fwctl by CUSE/);
  return server;
}

/** A verb of the control socket; the answer as people read it. */
async function control(verb: string, values: Record<string, string> = {}): Promise<string> {
  const method = METHODS.find((row) => row.verb === verb);
  assert.ok(method, verb);
  const answer = await callMethod(SOCKET, method, values);
  return method.text?.(answer, values as never) ?? String(answer);
}

const nodes = () => (existsSync('/dev/fwctl') ? readdirSync('/dev/fwctl').sort() : []);
const names = (...devices: readonly number[]) => devices.map((device) => `fwctl${device}`);

function numberOf(path: string): { readonly major: number; readonly minor: number } {
  const stat = statSync(path);
  assert.ok(stat.isCharacterDevice(), path);
  return { major: (stat.rdev >> 8) & 0xfff, minor: stat.rdev & 0xff };
}

async function passes(run: Running): Promise<void> {
  const { status, text } = await run.ended;
  assert.equal(status, 0, text);
}

async function clients(): Promise<void> {
  const numbers = [0, 1, 2, 3].map((device) => numberOf(node(device)));
  assert.deepEqual(
    numbers.map(({ minor }) => minor),
    [0, 1, 2, 3],
  );
  assert.equal(new Set(numbers.map(({ major }) => major)).size, 1);
  assert.deepEqual(nodes(), names(0, 1, 2, 3));
  said('four character devices, one major number, minors 0 to 3');

  for (const device of [0, 1, 2, 3]) await passes(client('demo-info', node(device)));
  await passes(client('demo-scope', node(1)));
  assert.match(await control('taint'), /524288/);
  said('demo-info on all, demo-scope on one: the machine is tainted');

  await Promise.all([0, 1, 2, 3].map((device) => passes(client('stress-client', node(device), '600'))));
  await Promise.all([0, 1].map((device) => passes(client('threads', node(device), '4', '25'))));
  said('clients of all four at once');
}

async function plugging(): Promise<void> {
  const { major } = numberOf(node(0));
  assert.match(await control('plug', { spec: 'connectx6dx' }), /^fwctl4 is plugged/);
  assert.deepEqual(numberOf(node(4)), { major, minor: 4 });
  await passes(client('demo-info', node(4)));

  for (const device of [4, 1]) {
    const open = hold(device);
    await until('an RPC', () => /^rpc \d+ success/m.test(open.text()));
    await control('unplug', { device: `fwctl${device}` });
    const { status, text } = await open.ended;
    assert.equal(status, 19, text);
    assert.match(text, /^rpc \d+ ENODEV/m);
    assert.equal(existsSync(node(device)), false);
  }
  assert.deepEqual(nodes(), names(0, 2, 3));
  said('unplug: the node goes, an open file has ENODEV');

  assert.match(await control('plug', { spec: 'connectx6dx' }), /^fwctl1 is plugged/);
  await passes(client('demo-info', node(1)));
  const open = client('hold', node(3), 'stdin');
  await until('an open file', () => open.text().startsWith('ready'));
  assert.match(await control('replug', { device: 'fwctl3' }), /fwctl4 is plugged/, 'the number 3 is an open file’s');
  assert.deepEqual(nodes(), names(0, 1, 2, 4));
  open.child.stdin?.end();
  await passes(open);
  assert.match(await control('replug', { device: 'fwctl4' }), /fwctl[34] is plugged/);
  assert.match(await control('replug', { device: 'fwctl0' }), /fwctl0 is plugged/);
  assert.equal(nodes().length, 4);
  for (const name of nodes()) await passes(client('demo-info', `/dev/fwctl/${name}`));
  said('plug and replug: the nodes come and work');

  // A number that a last close gives back is the next device's.
  for (let round = 0; round < 12; round++) {
    const name = nodes()[round % 4] ?? '';
    const last = client('hold', `/dev/fwctl/${name}`, 'stdin');
    await until('an open file', () => last.text().startsWith('ready'));
    await control('unplug', { device: name });
    last.child.stdin?.end();
    const plugged = /^fwctl\d+/.exec(await control('plug', { spec: 'connectx6dx' }))?.[0];
    await passes(last);
    await passes(client('demo-info', `/dev/fwctl/${plugged}`));
  }
  assert.equal(nodes().length, 4);
  said('unplug with a file that is closed as the next device comes, again and again');
}

async function ends(server: Running): Promise<void> {
  await control('fault add', { fault: 'rpc:hang' });
  const held = nodes()
    .slice(0, 2)
    .map((name) => client('hold', `/dev/fwctl/${name}`, 'rpc', '1'));
  await until('two calls that hang', async () => /2\s+rpc:hang/.test(await control('fault list')));
  server.child.kill('SIGTERM');
  const { status, text } = await server.ended;
  assert.equal(status, 0, text);
  for (const { ended } of held) {
    const end = await ended;
    assert.equal(end.status, 103, `ECONNABORTED: ${end.text}`);
  }
  assert.deepEqual([existsSync('/dev/fwctl'), existsSync(SOCKET)], [false, false]);
  assert.doesNotMatch(readFileSync('/proc/devices', 'utf8'), /fwctl/);
  said('SIGTERM: calls in the firmware have ECONNABORTED, and nothing is left');
}

async function killed(): Promise<void> {
  const server = await serve();
  const open = [0, 1].map((device) => client('hold', node(device), 'stdin'));
  for (const each of open) await until('an open file', () => each.text().startsWith('ready'));
  server.child.kill('SIGKILL');
  await server.ended;
  assert.deepEqual(nodes(), []);
  const next = await serve();
  await passes(client('demo-info', node(0)));
  await passes(client('demo-info', node(1)));
  for (const { child } of open) child.stdin?.end();
  await Promise.all(open.map(passes));
  next.child.kill('SIGTERM');
  assert.equal((await next.ended).status, 0);
  assert.deepEqual(nodes(), []);
  said('SIGKILL: the nodes go with the process, and the next one has them again');
}

// The guest's kernel is older than fwctl and would drop the bit: a file in its place.
writeFileSync('/tmp/tainted', '0\n');
assert.equal(spawnSync('mount', ['--bind', '/tmp/tainted', '/proc/sys/kernel/tainted']).status, 0);
const server = await serve('--taint-host');
await clients();
await plugging();
await ends(server);
await killed();
