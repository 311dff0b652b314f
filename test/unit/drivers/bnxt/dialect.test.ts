/** What trace, counters, faults, recordings, sweep and sysfs know of a bnxt device, over a real node by a C client. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { abiProfile } from '../../../../src/abi/profiles.ts';
import { bnxtDialect } from '../../../../src/drivers/bnxt/dialect/dialect.ts';
import { bnxtMessages } from '../../../../src/drivers/bnxt/dialect/messages.ts';
import { runRefusal } from '../../../refusals.ts';
import { repository } from '../../../repository.ts';

const MAIN = fileURLToPath(new URL('../../../../src/cli/main.js', import.meta.url));
const CLIENT = join(repository, 'build/c/demo-bnxt');
const skip = (!existsSync(CLIENT) && 'C clients are not built (make c)') || runRefusal();
const timeout = 120_000;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-bnxt-')));
after(() => rmSync(scratch, { recursive: true, force: true }));

const emu = (...words: string[]) =>
  spawnSync(process.execPath, [MAIN, ...words], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
const DEVICE = ['--device', 'bnxt-loopback'];

/** A response of that request with those fields. */
function response(type: number, length: number, values: Readonly<Record<string, number | string>>) {
  const asked = new DataView(new ArrayBuffer(24));
  asked.setUint16(0, type, true);
  const answered = messageBuffer(length);
  for (const field of bnxtMessages.replyFields(asked, answered.view)) {
    const value = values[field.path];
    if (value !== undefined) field.write(answered.view, value);
  }
  return bnxtMessages.reply(new Uint8Array(asked.buffer), 24, answered.bytes, length, 'keys');
}

test('the fields that tell most come first, whatever their place', () => {
  const { keys, fields, statusName } = response(0, 176, {
    chip_num: 0x1750,
    hwrm_fw_major: 234,
    active_pkg_name: '234.1.2.3',
    valid: 1,
  });
  assert.equal(statusName, 'SUCCESS');
  assert.deepEqual(
    keys.filter(([, value]) => value !== 0),
    [
      ['hwrm_fw_major', 234],
      ['active_pkg_name', '234.1.2.3'],
      ['chip_num', 0x1750],
    ],
  );
  assert.ok(fields.length > 50 && !fields.some(([name]) => name === 'valid' || name === 'error_code'));
  assert.deepEqual(response(0xe0, 24, { temp: 55, valid: 1 }).keys, [['temp', 55]]);
  const refused = response(0, 16, { error_code: 0xfff0 });
  assert.deepEqual([refused.statusName, refused.codes, refused.fields], ['UNDELIVERED_EBUSY', {}, []]);
});

test("buffers stand where the request says, as far as it is long enough; seq_id and resp_addr are the kernel's", () => {
  const asked = messageBuffer(40);
  asked.view.setUint16(0, 0x23, true);
  assert.deepEqual(bnxtDialect.buffers(asked), [
    { at: 24, bytes: 408, echoed: false, way: 'write' },
    { at: 32, bytes: 528, echoed: false, way: 'write' },
  ]);
  asked.length = 39;
  assert.deepEqual(bnxtDialect.buffers(asked), [{ at: 24, bytes: 0, echoed: false, way: 'write' }]);
  asked.view.setUint16(0, 0xff2d, true);
  asked.view.setUint32(32, 7, true);
  asked.length = 40;
  assert.deepEqual(bnxtDialect.buffers(asked), [
    { at: 16, bytes: 7, echoed: false, way: 'read' },
    { at: 24, bytes: 7, echoed: false, way: 'write' },
  ]);
  asked.length = 1;
  assert.deepEqual(bnxtDialect.buffers(asked), []);
  assert.equal(bnxtDialect.command(asked), -1);
  assert.deepEqual(bnxtDialect.kernelBytes, [
    [4, 6],
    [8, 16],
  ]);
});

test('every decoder takes every length of every request', () => {
  const abi = abiProfile('linux-7.3');
  assert.ok(abi);
  for (const type of [0, 0x15, 0x23, 0x27, 0x67, 0x203, 0xfff1, 0x1234]) {
    for (let length = 16; length <= 128; length++) {
      const asked = new Uint8Array(length).fill(0xff);
      new DataView(asked.buffer).setUint16(0, type, true);
      assert.ok(bnxtMessages.request(asked, length).command);
      assert.ok(bnxtMessages.scopesAllowing(abi, asked));
      const answered = new Uint8Array(length - 8);
      assert.equal(bnxtMessages.reply(asked, length, answered, length - 8, 'all').status, 0);
    }
  }
});

test('traced by name: scopes, who passes, refusals of the firmware and of delivery', { skip, timeout }, () => {
  const { status, stdout, stderr } = emu('run', '--trace', ...DEVICE, '--', CLIENT);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stderr, /INFO data_len=4 -> OK {2}type=bnxt uctx_caps=0xf\(INLINE_COMMANDS\|.*DMA_COMMANDS\)/);
  assert.match(
    stderr,
    /RPC scope=DEBUG_READ_ONLY VER_GET\(hwrm_intf_maj=1 hwrm_intf_min=10 hwrm_intf_upd=3\) in=24 out=176 -> OK/,
  );
  assert.match(stderr, /RPC scope=DEBUG_READ_ONLY PORT_QSTATS in=40 out=16 .*-> OK/);
  assert.match(
    stderr,
    /VER_GET in=24 out=176 -> EPERM: the request needs scope .*\| passes: scope 1,2,3 .*fix: set fwctl_rpc/,
  );
  const old = emu('run', '--abi', 'linux-7.1', '--trace', ...DEVICE, '--', CLIENT);
  assert.equal(old.status, 0, old.stdout);
  assert.match(
    old.stderr,
    /PORT_QSTATS .*EPERM: .* not let through by Linux 7\.1 .*passes: abi linux-7\.3 with scope 1/,
  );
  const older = emu('run', '--abi', 'linux-6.18', ...DEVICE, '--', CLIENT);
  assert.match(older.stderr, /has no driver bnxt: the first that has is linux-7\.1/);
});

test('faults strike by request and make error codes, also that of a request which is not delivered, and errnos', {
  skip,
  timeout,
}, () => {
  const fault = (text: string) => emu('run', '--trace', '--fault', text, ...DEVICE, '--', CLIENT);
  assert.match(
    fault('rpc:req_type=VER_GET:status=INVALID_PARAMS:cmd_err=3').stderr,
    /VER_GET.* -> firmware INVALID_PARAMS\(0x2\) cmd_err 0x3/,
  );
  const undelivered = fault('rpc:req_type=0x23:status=UNDELIVERED_EBUSY').stderr;
  assert.match(
    undelivered,
    /PORT_QSTATS.* -> firmware UNDELIVERED_EBUSY\(0xfff0\): the driver could not deliver the request, with EBUSY/,
  );
  assert.match(fault('rpc:req_type=PORT_QSTATS:error=EIO').stderr, /PORT_QSTATS.* -> EIO: fault f?\d+ was injected/);
  assert.match(fault('rpc:req_type=VER_GET:truncate=16:set.resp_len=16').stdout, /error code 0, 16 bytes/);
  assert.match(fault('rpc:req_type=VER_GIT:status=BUSY').stderr, /no req_type "VER_GIT"; did you mean VER_GET/);
});

test('recorded and replayed with what stood behind the addresses; counted by name', { skip, timeout }, () => {
  const file = join(scratch, 'bnxt.jsonl');
  const recorded = emu('run', '--record', file, ...DEVICE, '--', CLIENT);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const [, qstats] = lines.map((line) => JSON.parse(line)).filter((line) => 'rpc' in line);
  assert.equal(qstats.in, '2300ffff0000ffff', 'no addresses');
  assert.deepEqual(
    qstats.written.map(([at, , hex]: [number, number, string]) => [at, hex.length / 2]),
    [
      [24, 408],
      [32, 528],
    ],
  );
  const replayed = emu('run', '--replay', file, '--', CLIENT);
  assert.equal(replayed.status, 0, replayed.stdout + replayed.stderr);
  assert.equal(replayed.stdout, recorded.stdout);
  const script = `"${CLIENT}" >&2; "${process.execPath}" "${MAIN}" stats --json`;
  const [device] = JSON.parse(emu('run', ...DEVICE, '--', 'sh', '-c', script).stdout).devices;
  assert.deepEqual(
    device.calls.map(({ command, outcome, count }: Record<string, unknown>) => `${command} ${outcome} ${count}`).sort(),
    ['FWCTL_INFO ok 1', 'PORT_QSTATS ok 1', 'VER_GET EPERM 1', 'VER_GET ok 1'],
  );
});

test('a sweep has its ways to go wrong, and the client survives them', { skip, timeout }, () => {
  const words = ['sweep', '--only', 'unsupported', '--only', 'short-response', ...DEVICE, '--', CLIENT];
  const { status, stdout, stderr } = emu(...words);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /found: 0 crashes, 0 hangs, 0 failures hidden/);
});

/** Recorded on a driver that was built in, whose name was main.bnxt_fwctl. */
test('sysfs is the recorded one', { skip, timeout }, () => {
  const script = `cd /sys/class/fwctl/fwctl0
    echo "device -> $(readlink device)"
    echo "entries: $(ls | tr '\\n' ' ')"
    cd device; echo "parent $(pwd -P): $(ls | tr '\\n' ' ')"
    echo "parent uevent: $(tr '\\n' ' ' <uevent)"
    cd bnxt_en.fwctl.0
    echo "aux: driver -> $(readlink driver) subsystem -> $(readlink subsystem) uevent: $(tr '\\n' ' ' <uevent)"`;
  const { stdout } = emu('run', '--device', 'bnxt-loopback,pci=0000:00:0e.0', '--', 'sh', '-c', script);
  const golden = readFileSync(join(repository, 'test/golden/drivers/bnxt-sysfs.txt'), 'utf8').replaceAll(
    'main.bnxt_fwctl',
    'bnxt_fwctl.bnxt_fwctl',
  );
  const wanted = golden.split('\n').map((line) => line.replace('aux bnxt_en.fwctl.0:', 'aux:').trim());
  // numa_node is there where the machine has NUMA, which the recorder's had not
  for (const line of stdout.replace('numa_node ', '').trim().split('\n')) assert.ok(wanted.includes(line.trim()), line);
  assert.equal(stdout.trim().split('\n').length, 5);
});
