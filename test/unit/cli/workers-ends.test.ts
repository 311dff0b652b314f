/** How `serve --workers` ends, on purpose and not: what open files get, what is left, and what the next start makes of that. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startNodes } from '../../../src/cli/workers/nodes.ts';
import type { HostDevice, HostEvent, HostNode } from '../../../src/host/host-device.ts';
import { loadNative, type Native } from '../../../src/transport/native.ts';
import { serveRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';
import { description } from './node-description.ts';
import { control, hold, MAIN, mountsBelow, type Place, placeFor, scratch, serve } from './workers-rig.ts';

const refusal = serveRefusal();
const options = { skip: refusal, timeout: 60_000 };

function nothingIsLeft({ directory, socket }: Place): void {
  assert.deepEqual(mountsBelow(directory), []);
  assert.deepEqual([existsSync(directory), existsSync(socket)], [false, false]);
}

test('SIGTERM within calls that hang in both workers: ECONNABORTED, status 0, at once', options, async () => {
  const place = placeFor('term');
  const server = await serve(place, '--fault', 'rpc:hang');
  assert.equal(mountsBelow(place.directory).length, 5, 'the directory, and a mount for each node');
  const held = [0, 1].map((device) => hold(join(place.directory, `fwctl${device}`), 'rpc', '1'));
  for (;;) {
    const { faults } = (await control(place.socket, 'fault list')) as { faults: { held: number }[] };
    if (faults[0]?.held === 2) break;
    await pause(10);
  }
  const asked = performance.now();
  server.child.kill('SIGTERM');
  assert.deepEqual(await server.ended.then(({ status }) => status), 0);
  // workers that do not end by themselves are ended after 1.5 s
  assert.ok(performance.now() - asked < 1400, `${performance.now() - asked} ms`);
  for (const { ended } of held) {
    const { status, text } = await ended;
    assert.match(text, /^rpc 1 ECONNABORTED/m);
    assert.equal(status, 103);
  }
  nothingIsLeft(place);
});

test('who waits for an answer of a worker that ends is refused, and no bug is reported', options, async () => {
  const place = placeFor('waiting');
  const server = await serve(place, '--fault', 'rpc:hang');
  const held = hold(join(place.directory, 'fwctl1'), 'rpc', '1');
  await held.said(/^ready/);
  await assert.rejects(async () => {
    const unplugged = control(place.socket, 'unplug', { device: 'fwctl1', wait: true });
    while (existsSync(join(place.directory, 'fwctl1'))) await pause(10);
    server.child.kill('SIGTERM');
    await unplugged;
  });
  const { status, text } = await server.ended;
  assert.equal(status, 0);
  assert.doesNotMatch(text, /bug/);
  await held.ended;
  nothingIsLeft(place);
});

const FAILING: readonly (readonly [what: string, code: string, workers: string, status: number, text: RegExp])[] = [
  [
    'throws late',
    "setTimeout(() => { throw new Error('late failure'); }, 50)",
    '1',
    1,
    /it failed: Error: late failure\n +at .*failing/,
  ],
  [
    'throws late',
    "setTimeout(() => { throw new Error('late failure'); }, 50)",
    '2',
    1,
    /a worker failed: Error: late failure\n +at .*failing/,
  ],
  ['drops a promise', "void Promise.reject(new Error('dropped'))", '1', 1, /it failed: Error: dropped\n +at .*failing/],
  [
    'drops a promise',
    "void Promise.reject(new Error('dropped'))",
    '2',
    1,
    /a worker failed: Error: dropped\n +at .*failing/,
  ],
  ['leaves', 'process.exit(7)', '1', 7, /^/],
  ['leaves', 'process.exit(7)', '2', 1, /is not served any more: a worker ended; start it again/],
];

for (const [what, code, workers, expected, reason] of FAILING) {
  test(
    `a firmware module that ${what} ends the service, --workers ${workers}: why, and nothing left`,
    options,
    async () => {
      const place = placeFor('failing');
      const path = join(scratch, `failing-${what.split(' ')[0]}.mjs`);
      writeFileSync(path, `export default { exec() { ${code}; return new Promise(() => {}); } };\n`);
      const server = await serve(place, '--device', `connectx6dx,firmware=${path}`, '--workers', workers);
      const other = hold(join(place.directory, 'fwctl0'), 'stdin');
      await other.said(/^ready/);
      const client = await hold(join(place.directory, 'fwctl4'), 'rpc', '1').ended;
      assert.match(client.text, /^rpc 1 (ECONNABORTED|ENOTCONN)|FWCTL_INFO: ECONNABORTED/m);
      const { status, text } = await server.ended;
      assert.equal(status, expected, text);
      assert.match(text, reason);
      other.child.stdin?.end();
      await other.ended;
      nothingIsLeft(place);
    },
  );
}

test('a second SIGTERM ends it on the spot, and leaves nothing', options, async () => {
  const place = placeFor('twice');
  for (const gap of [0, 3, 15]) {
    const server = await serve(place, '--fault', 'rpc:hang');
    const open = hold(join(place.directory, 'fwctl1'), 'rpc', '1');
    await open.said(/^ready/);
    server.child.kill('SIGTERM');
    await pause(gap);
    server.child.kill('SIGTERM');
    const { status, text } = await server.ended;
    // 0, SIGTERM: it had done all before the second
    assert.ok(status === 0 || status === 143 || status === 'SIGTERM', `${status}: ${text}`);
    await open.ended;
    nothingIsLeft(place);
  }
});

test('SIGKILL with open files: the next start takes the dead mounts away, and serves', options, async () => {
  const place = placeFor('kill');
  mkdirSync(place.directory);
  const first = await serve(place);
  const open = [0, 1].map((device) => hold(join(place.directory, `fwctl${device}`), 'stdin'));
  for (const { said } of open) await said(/^ready/);
  first.child.kill('SIGKILL');
  await first.ended;
  assert.equal(mountsBelow(place.directory).length, 5, 'dead ones');
  const second = await serve(place);
  assert.equal(mountsBelow(place.directory).length, 5, 'none but its own');
  for (const device of [0, 1, 2, 3]) {
    const client = await hold(join(place.directory, `fwctl${device}`), 'rpc', '1').ended;
    assert.equal(client.status, 0, client.text);
  }
  for (const { child } of open) child.stdin?.end();
  for (const { ended } of open) assert.equal((await ended).status, 0);
  second.child.kill('SIGTERM');
  const { status, text } = await second.ended;
  assert.equal(status, 0);
  assert.match(text, /took away the dead mount of a killed fwctl-emu/);
  assert.deepEqual(mountsBelow(place.directory), []);
  assert.equal(statSync(place.directory).isDirectory(), true, 'it was there before');
});

test('a node that somebody unmounts ends the service, with status 1 and the reason', options, async () => {
  const place = placeFor('unmounted');
  const server = await serve(place);
  assert.equal(spawnSync('umount', [join(place.directory, 'fwctl1')]).status, 0);
  const { status, text } = await server.ended;
  assert.equal(status, 1);
  assert.match(text, /^fwctl-emu: serve: \S+ is not served any more: it was unmounted; start it again$/m);
  nothingIsLeft(place);
});

test('a start that fails in a worker leaves nothing, and says what one without workers says', options, () => {
  const place = placeFor('damaged');
  const states = join(scratch, 'states');
  mkdirSync(states);
  // of the second worker
  const file = join(states, '0000:00:0b.0.json');
  writeFileSync(file, '{');
  const start = (...more: readonly string[]) => {
    const words = ['serve', '--transport', 'fuse', '--dev-dir', place.directory, '--control-socket', place.socket];
    const args = [MAIN, ...words, '--device', 'connectx6dx,count=4', '--state', states, '--log-level', 'warn', ...more];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
    nothingIsLeft(place);
    return { status, stdout, stderr };
  };
  const alone = start();
  assert.equal(alone.status, 1);
  assert.match(alone.stderr, /^fwctl-emu: \S+0b\.0\.json: the saved state is damaged \(.*\n$/);
  assert.deepEqual(start('--workers', '2'), alone);
  assert.equal(readFileSync(file, 'utf8'), '{');
});

test('more nodes than files may be open: the start says so, and leaves nothing', options, () => {
  const place = placeFor('many');
  const words = ['serve', '--workers', '2', '--transport', 'fuse', '--dev-dir', place.directory, '--no-control'];
  // the bundle: modules that are loaded one by one may be open at the same time, and meet the limit first
  const bundle = join(repository, 'dist/bundle/cli/main.cjs');
  const command = [process.execPath, bundle, ...words, '--device', 'connectx6dx,count=400'];
  const { status, stderr } = spawnSync('prlimit', ['--nofile=350', ...command], { encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /^fwctl-emu: serve: \/dev\/fuse cannot be opened \(EMFILE\); raise the limit of open files/);
  nothingIsLeft(place);
});

test('what a device keeps over a power cycle is kept in whichever order devices come back', options, async () => {
  const place = placeFor('kept');
  const server = await serve(place);
  const path = (device: number) => join(place.directory, `fwctl${device}`);
  await description(path(1), 'of the second worker');
  for (const device of ['fwctl0', 'fwctl2', 'fwctl1']) await control(place.socket, 'unplug', { device });
  await control(place.socket, 'plug', { spec: 'connectx6dx,pci=0000:00:0b.0' });
  assert.equal(await description(path(0)), 'of the second worker');
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).status, 0);
});

test('a node that cannot be mounted is hidden again', { skip: refusal }, () => {
  const shown: string[] = [];
  const places = {
    show: ({ name }: HostNode) => (shown.push(`show ${name}`), join(scratch, 'nowhere')),
    mounted: () => assert.fail('it is not mounted'),
    hide: ({ name }: HostNode) => void shown.push(`hide ${name}`),
  };
  let tell = (_: HostEvent) => {};
  const host = {
    plug: () => assert.fail(),
    devices: () => [],
    onChange: (listener: (event: HostEvent) => void) => {
      tell = listener;
      return () => {};
    },
  };
  const nothing = () => {};
  const log = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
  const native: Native = { ...loadNative(), mount: () => -28 };
  const session = startNodes(host, places, native, log);
  const device = { name: 'fwctl0', nodes: [{ name: 'fwctl0', path: 'fwctl/fwctl0' }] } as unknown as HostDevice;
  assert.throws(() => tell({ kind: 'plug', device }), /nothing can be mounted on \S+ \(ENOSPC\)/);
  assert.deepEqual(shown, ['show fwctl0', 'hide fwctl0']);
  void session.close();
});
