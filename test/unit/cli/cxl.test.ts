/** Driver cxl from the command line, with a C client: everything that serves the other drivers serves it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runRefusal, serveRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const EMU = join(repository, 'dist/src/cli/main.js');
const CLIENT = join(repository, 'build/c/demo-cxl');
const skip = (!existsSync(CLIENT) && 'C clients are not built (make c)') || runRefusal();
const timeout = 90_000;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-cxl-')));
after(() => rmSync(scratch, { recursive: true, force: true }));

const emu = (...words: string[]) =>
  spawnSync(process.execPath, [EMU, ...words], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: '1', EMU, NODE: process.execPath },
  });
const CXL = ['--device', 'cxl-loopback'];
const inside = (script: string, ...options: string[]) => emu('run', ...options, '--', 'sh', '-c', script);

test('it is served, and traced by command and feature', { skip, timeout }, () => {
  const { status, stdout, stderr } = emu('run', '--trace', ...CXL, '--', CLIENT);
  assert.equal(status, 0, stdout + stderr);
  for (const line of [
    /RPC scope=CONFIGURATION GET_SUPPORTED_FEATURES\(start_idx=0 count=\d+\) .* -> OK {2}num_entries=34/,
    /RPC scope=CONFIGURATION GET_FEATURE\(VENDOR_TEST\/ffffffff count=4\) in=37 out=12 -> OK {2}data=efbeadde size=4/,
    /SET_FEATURE\(VENDOR_TEST\/ffffffff version=1 data=4\) .* -> EINVAL: .*COLD_RESET.*fix: .*FWCTL_RPC_DEBUG_WRITE/,
    /SET_FEATURE\(SPPR\/892ba475 version=1 data=4\) .* -> EPERM: the kernel keeps this feature/,
    /INFO data_len=8 -> OK {2}type=cxl data_len=0/,
  ]) {
    assert.match(stderr, line);
  }
});

test('JSON lines have the whole UUID and every field', { skip, timeout }, () => {
  const file = join(scratch, 'trace.jsonl');
  emu('run', `--trace=${file}`, '--trace-fields', 'all', ...CXL, '--', CLIENT);
  const text = readFileSync(file, 'utf8');
  assert.match(text, /ffffffff-ffff-ffff-ffff-ffffffffffff/);
  assert.match(text, /0x201\(CONFIG_CHANGE_COLD_RESET\|EFFECTS_VALID\)/);
});

test('faults choose by command and feature, and answer a return code or too little', { skip, timeout }, () => {
  const faulty = (fault: string) => emu('run', '--trace', '--fault', fault, ...CXL, '--', CLIENT);
  const busy = faulty('rpc:opcode=GET_FEATURE:feature=VENDOR_TEST:status=BUSY');
  assert.equal(busy.status, 1);
  assert.match(busy.stdout, /GET_FEATURE in scope CONFIGURATION: success, return code 6/);
  assert.match(busy.stderr, /GET_FEATURE\(.* -> firmware BUSY\(0x6\)/);
  assert.equal(faulty('rpc:feature=SPPR:status=BUSY').status, 0, 'refused by the driver: never delivered');
  const short = faulty('rpc:opcode=GET_FEATURE:short=0');
  assert.match(short.stdout, /NOT OK .*GET_FEATURE.*return code 0/);
  assert.match(short.stderr, /GET_FEATURE\(.* -> OK {2}size=0/);
  assert.match(faulty('rpc:opcode=SET_FEATURE:error=ETIMEDOUT').stderr, /SET_FEATURE\(.* -> ETIMEDOUT/);
  const slip = faulty('rpc:feature=SPRR:status=BUSY');
  assert.equal(slip.status, 125);
  assert.match(slip.stderr, /no feature "SPRR".*did you mean SPPR/);
});

test('recorded and replayed', { skip, timeout }, () => {
  const file = join(scratch, 'cxl.jsonl');
  const first = emu('run', '--record', file, ...CXL, '--', CLIENT);
  assert.equal(first.status, 0, first.stderr);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { driver, type, info_op: infoOp } = lines[1];
  assert.deepEqual({ driver, type, infoOp }, { driver: 'cxl', type: 2, infoOp: false });
  assert.ok(lines.some(({ about }) => about === 'GET_FEATURE(VENDOR_TEST/ffffffff count=4) -> OK'));
  const again = emu('run', '--replay', file, '--', CLIENT);
  assert.equal(again.status, 0, again.stderr);
  assert.equal(again.stdout, first.stdout);
});

test('counters by command, and a sweep of its ways to go wrong', { skip, timeout }, () => {
  const { stdout, stderr } = inside('"$1" >&2; "$NODE" "$EMU" stats --json'.replace('$1', CLIENT), ...CXL);
  const devices: { name: string; calls: { command: string; outcome: string; count: number }[] }[] =
    JSON.parse(stdout).devices;
  const calls = devices.find(({ name }) => name === 'fwctl0')?.calls ?? [];
  assert.ok(
    calls.some(({ command, outcome, count }) => `${command} ${outcome} ${count}` === 'GET_FEATURE ok 2'),
    stderr,
  );
  const swept = emu('sweep', '--only', 'undelivered', '--only', 'busy', ...CXL, '--', CLIENT);
  assert.match(swept.stdout, /4 RPCs; 6 runs .*\n.*0 crashes, 0 hangs, 0 failures hidden/, 'the client notices each');
});

test('its memory device: a node that takes no ioctl, with or without a fwctl device', { skip, timeout }, () => {
  const devices = ['--device', 'cxl-loopback-exclusive', '--device', 'cxl-loopback-ro'];
  const script =
    'ls /dev/cxl /dev/fwctl; cat /sys/bus/cxl/devices/mem?/payload_max; ls -d /sys/bus/cxl/devices/mem?/fwctl/fwctl?';
  const { stdout, stderr } = inside(script, ...devices);
  assert.equal(
    stdout,
    '/dev/cxl:\nmem0\nmem1\n\n/dev/fwctl:\nfwctl0\n512\n4096\n/sys/bus/cxl/devices/mem1/fwctl/fwctl0\n',
    stderr,
  );
  const traced = emu('run', '--trace', '--device', 'cxl-loopback-none', '--', CLIENT, '/dev/cxl/mem0');
  assert.match(traced.stderr, /mem0 #1 demo-cxl\/\d+ INFO -> ENOTTY/);
});

test('plugged and unplugged, node and sysfs with it; an older kernel has no such driver', { skip, timeout }, () => {
  const verb = '"$NODE" "$EMU"';
  const { stdout, stderr } = inside(
    `${verb} plug cxl-loopback-exclusive; ls /dev/cxl; ${verb} unplug mem1; ls /dev/cxl /sys/bus/cxl/devices`,
    ...CXL,
  );
  assert.equal(
    stdout,
    'mem1 is plugged at 0000:00:0b.0\nmem0\nmem1\nmem1 is unplugged\n/dev/cxl:\nmem0\n\n/sys/bus/cxl/devices:\nendpoint1\nmem0\nroot0\n',
    stderr,
  );
  const older = emu('run', '--abi', 'v2', ...CXL, '--', 'true');
  assert.match(older.stderr, /has no driver cxl: the first that has is linux-6\.15/);
});

/** Serves in a /dev of its own, plugs and unplugs, and ends: what stands in /dev/cxl meanwhile. */
const SERVED = `
mount -t tmpfs none /mnt
for node in fuse null urandom; do touch /mnt/$node; mount --bind /dev/$node /mnt/$node; done
mount --move /mnt /dev
"$NODE" "$EMU" serve --transport fuse --device cxl-loopback --device cxl-loopback-exclusive --control-socket "$SOCKET" >"$SOCKET.log" 2>&1 &
for try in $(seq 200); do grep -q serving "$SOCKET.log" && break; sleep 0.05; done
verb() { "$NODE" "$EMU" "$@" --socket "$SOCKET"; }
echo $(cd /dev && echo cxl/* fwctl/*)
verb plug cxl-loopback-ro
verb unplug fwctl0
echo $(cd /dev && echo cxl/* fwctl/*)
kill $!
wait
ls /dev
`;

test('serve by FUSE: /dev/cxl from the start, less what is unplugged', {
  skip: skip || serveRefusal(),
  timeout,
}, () => {
  const env = { ...process.env, NO_COLOR: '1', EMU, NODE: process.execPath, SOCKET: join(scratch, 'serve.sock') };
  const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', SERVED], { encoding: 'utf8', timeout, env });
  assert.deepEqual(
    stdout.trim().split('\n'),
    [
      'cxl/mem0 cxl/mem1 fwctl/fwctl0',
      'fwctl1 is plugged at 0000:00:0c.0',
      'fwctl0 is unplugged',
      'cxl/mem1 fwctl/fwctl1',
      'fuse',
      'null',
      'urandom',
    ],
    stderr,
  );
  assert.match(readFileSync(join(scratch, 'serve.sock.log'), 'utf8'), /does not appear.*"path":"cxl\/mem2"/);
});
