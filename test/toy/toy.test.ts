/**
 * A driver that is not in the tree: one folder (this), one row, handed to the program's assembly (main.ts). Everything
 * that serves the drivers of the tree serves it, over a real node and with a real client.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runRefusal, serveRefusal } from '../refusals.ts';
import { repository } from '../repository.ts';
import { TOY_VENDOR } from './row.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const CLIENT = join(repository, 'build/c/toy-client');
const skip = (!existsSync(CLIENT) && 'C clients are not built (make c)') || runRefusal();
const timeout = 60_000;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-toy-')));
const toyEmu = join(scratch, 'toy-emu');
writeFileSync(toyEmu, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
chmodSync(toyEmu, 0o755);
after(() => rmSync(scratch, { recursive: true, force: true }));

const run = (...words: string[]) =>
  spawnSync(toyEmu, ['run', ...words], { encoding: 'utf8', timeout: 30_000, env: { ...process.env, NO_COLOR: '1' } });
const TOY = ['--device', 'driver=toy'];
const client = (...words: string[]) => ['--', CLIENT, '/dev/fwctl/fwctl0', ...words];
const GOOD = 'type 0x70\ninvert ok 8\ndouble ok 42\n';

test('it is served, and its calls are traced by name', { skip, timeout }, () => {
  const { status, stdout, stderr } = run('--trace', ...TOY, ...client());
  assert.equal(status, 0, stderr);
  assert.equal(stdout, GOOD);
  assert.match(stderr, /fwctl0 #1 toy-client\/\d+ INFO data_len=8 -> OK {2}type=0x70 data_len=0/);
  assert.match(
    stderr,
    /fwctl0 #1 toy-client\/\d+ RPC scope=CONFIGURATION INVERT in=20 out=8 in@8=8\[0001020304050607\] -> OK {2}value=8 out@8=8\[f/,
  );
  assert.match(stderr, /fwctl0 #1 toy-client\/\d+ RPC scope=CONFIGURATION DOUBLE in=20 out=8 -> OK {2}value=42/);
});

test('128 KiB behind a pointer are read and written back', { skip, timeout }, () => {
  const { status, stdout, stderr } = run(...TOY, ...client('131072', '3'));
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'type 0x70\ninvert ok 8\ninvert ok 8\ninvert ok 8\ndouble ok 42\n');
});

test('counters name its commands and its statuses', { skip, timeout }, () => {
  const script = `"${CLIENT}" /dev/fwctl/fwctl0 8 3 >&2; "${toyEmu}" stats --json`;
  const { status, stdout, stderr } = run(
    '--fault',
    'rpc:word=INVERT:status=BROKEN:when=2',
    ...TOY,
    '--',
    'sh',
    '-c',
    script,
  );
  assert.equal(status, 0, stderr);
  const [device] = JSON.parse(stdout).devices;
  assert.deepEqual(
    device.calls.map(({ command, outcome, count }: Record<string, unknown>) => `${command} ${outcome} ${count}`).sort(),
    ['DOUBLE ok 1', 'FWCTL_INFO ok 1', 'INVERT BROKEN 1', 'INVERT ok 2'],
  );
});

test('a fault strikes by its word and makes its status, and what is refused writes nothing', { skip, timeout }, () => {
  const refused = run('--trace', '--fault', 'rpc:word=INVERT:status=BROKEN:when=2', ...TOY, ...client('8', '3'));
  assert.equal(refused.stdout, 'type 0x70\ninvert ok 8\ninvert status 7\ninvert ok 8\ndouble ok 42\n');
  assert.match(refused.stderr, /INVERT in=20 out=8 in@8=8\[0001020304050607\] -> firmware BROKEN\(0x7\)/);
  const set = run('--fault', 'rpc:word=DOUBLE:set.value=7', ...TOY, ...client());
  assert.equal(set.stdout, 'type 0x70\ninvert ok 8\ndouble ok 7\n');
  const unknown = run('--fault', 'rpc:word=TREBLE:status=BROKEN', ...TOY, ...client());
  assert.equal(unknown.status, 125);
  assert.match(unknown.stderr, /TREBLE/);
});

test('recorded and replayed: what stands behind the pointer as well, but not where', { skip, timeout }, () => {
  const file = join(scratch, 'toy.jsonl');
  assert.equal(run('--record', file, ...TOY, ...client()).stdout, GOOD);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { driver, type, info_op } = lines[1];
  assert.deepEqual({ driver, type, info_op }, { driver: 'toy', type: 0x70, info_op: false });
  const [invert, twice] = lines.filter((line) => 'rpc' in line);
  assert.deepEqual(invert.read, [[8, 0, '0001020304050607']]);
  assert.deepEqual(invert.written, [[8, 0, 'fffefdfcfbfaf9f8']]);
  assert.equal(invert.in, '0200000008000000000000000000000004');
  assert.equal(invert.about, 'INVERT -> OK');
  assert.deepEqual(twice.fields, { value: 42 });

  const replayed = run('--replay', file, ...client());
  assert.equal(replayed.stdout, GOOD);
  assert.equal(replayed.status, 0, replayed.stderr);
  const other = run('--replay', file, ...client('9'));
  assert.match(other.stderr, /fwctl0 INVERT: it is not what comes next.*it differs in buffer_bytes: 9, recorded 8/);
  assert.equal(other.stdout, 'type 0x70\ninvert No data available\ndouble No data available\n');
});

test("record stands before a node of it: the client's buffers are had, not its addresses", {
  skip: skip || serveRefusal(),
  timeout,
}, async () => {
  const [directory, file] = [join(scratch, 'dev'), join(scratch, 'passed.jsonl')];
  const server = spawn(toyEmu, ['serve', '--transport', 'fuse', '--dev-dir', directory, '--no-control', ...TOY], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const record = (...words: string[]) =>
    spawnSync(toyEmu, ['record', '-o', file, '--from', directory, ...client(...words)], { encoding: 'utf8' });
  try {
    await new Promise((resolve) => server.stdout.once('data', resolve));
    const { stdout, stderr, status } = record();
    assert.deepEqual([stdout, stderr, status], [GOOD, '', 0]);
    const [invert] = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{"rpc"'))
      .map((line) => JSON.parse(line));
    assert.deepEqual(invert.read, [[8, 0, '0001020304050607']]);
    assert.deepEqual(invert.written, [[8, 0, 'fffefdfcfbfaf9f8']]);
    assert.equal(run('--replay', file, ...client()).stdout, GOOD);
    assert.match(record('131072', '2').stdout, /^type 0x70\ninvert ok 8\ninvert ok 8\n/);
    // the device itself says what it refuses, and of the client's memory it is told no more than that there is none
    assert.match(record('131073').stdout, /^type 0x70\ninvert Argument list too long\n/);
    assert.match(record('nowhere').stdout, /^type 0x70\ninvert EFAULT\n/);
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
});

test('sysfs shows its own vendor and driver, and nobody else', { skip, timeout }, () => {
  const script =
    'cd /sys/class/fwctl/fwctl0/device && cat vendor class && sed -n 1p uevent && basename $(readlink -f driver)';
  const { stdout, stderr } = run(...TOY, '--', 'sh', '-c', script);
  assert.equal(stdout, `0x${TOY_VENDOR.toString(16)}\n0xff0000\nDRIVER=toy_core\ntoy_core\n`, stderr);
});

test('it stands beside the others, and a sweep knows its commands and its way to go wrong', { skip, timeout }, () => {
  const devices = ['--device', 'connectx6dx', ...TOY, '--device', 'driver=raw'];
  const { stdout } = run(
    ...devices,
    '--',
    'sh',
    '-c',
    `cd /sys/class/fwctl; cat */device/vendor; "${CLIENT}" /dev/fwctl/fwctl1`,
  );
  assert.equal(stdout, `0x15b3\n0x7079\n0x1234\n${GOOD}`);
  const swept = spawnSync(toyEmu, ['sweep', '--only', 'broken', ...TOY, '--', CLIENT], { encoding: 'utf8', timeout });
  assert.match(swept.stdout, /HIDDEN {2}INVERT: .*broken/);
  assert.match(swept.stdout, /HIDDEN {2}DOUBLE: .*broken/);
});
