/** A device of driver pds, whole: what a C client with structures of its own gets, and what is seen of its calls. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const MAIN = join(repository, 'dist/src/cli/main.js');
const CLIENT = join(repository, 'build/c/demo-pds');
const skip = (!existsSync(CLIENT) && 'C clients are not built (make c)') || runRefusal();
const timeout = 60_000;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-pds-')));
after(() => rmSync(scratch, { recursive: true, force: true }));

const emu = (...words: string[]) =>
  spawnSync(process.execPath, [MAIN, ...words], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
const PDS = ['--device', 'profile=pds-loopback,pci=0000:00:10.0'];

test('the client is content, and its calls are traced by endpoint and operation, with their payloads', {
  skip,
  timeout,
}, () => {
  const { status, stdout, stderr } = emu('run', '--trace', ...PDS, '--', CLIENT);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stderr, /INFO data_len=16 -> OK {2}type=pds data_len=0/);
  const payload = Buffer.from('what do you get?').toString('hex').slice(0, 16);
  assert.match(
    stderr,
    new RegExp(
      `scope=CONFIGURATION EP_0x1_OP_0x1\\(version=1\\) in=48 out=48 in@16=16\\[${payload}...\\] -> OK  out@40=40`,
    ),
  );
  assert.match(
    stderr,
    /EP_0x1_OP_0x2.* -> EPERM: .*DEBUG_READ {2}\| fix: set fwctl_rpc\.scope = FWCTL_RPC_DEBUG_READ_ONLY/,
  );
  assert.match(stderr, /EP_0x2_OP_0x4\(version=2\).* -> EINVAL: .*no such operation/);
});

test('sysfs is what the recorded kernel showed, but for its built-in driver’s name and a node of NUMA', {
  skip,
  timeout,
}, () => {
  const script = `
    lines() { tr '\\n' ' ' <"$1"; }
    cd /sys/class/fwctl
    echo "class link: $(readlink fwctl0)"
    echo "device -> $(readlink fwctl0/device)"
    echo "subsystem -> $(readlink fwctl0/subsystem)"
    echo "entries: $(ls fwctl0 | tr '\\n' ' ')"
    echo "uevent: $(lines fwctl0/uevent)"
    P=$(readlink -f fwctl0/device)
    echo "entries of the glue directory fwctl: $(ls $P/fwctl | tr '\\n' ' ')"
    echo "parent $P: $(ls $P | grep -v numa_node | tr '\\n' ' ')"
    echo "parent uevent: $(lines $P/uevent)"
    echo "parent subsystem -> $(readlink $P/subsystem)"
    echo "parent driver -> $(readlink $P/driver)"
    A=$P/pds_core.fwctl.0
    echo "aux pds_core.fwctl.0: driver -> $(readlink $A/driver) subsystem -> $(readlink $A/subsystem) uevent: $(lines $A/uevent)"`;
  const { stdout, stderr } = emu('run', ...PDS, '--', 'sh', '-c', script);
  const golden = readFileSync(join(repository, 'test/golden/drivers/pds-sysfs.txt'), 'utf8')
    .replace(/^crw.*\n/m, '')
    .replaceAll('main.pds_fwctl', 'pds_fwctl.pds_fwctl')
    .replaceAll('fwctl4', 'fwctl0')
    .replace('MINOR=4', 'MINOR=0');
  assert.equal(stdout.replace(/MAJOR=\d+/, 'MAJOR=252'), golden, stderr);
});

test('recorded and replayed with what stands behind the addresses, which mean nothing', { skip, timeout }, () => {
  const [file, again] = [join(scratch, 'pds.jsonl'), join(scratch, 'again.jsonl')];
  for (const one of [file, again]) assert.equal(emu('run', '--record', one, ...PDS, '--', CLIENT).status, 0);
  const text = readFileSync(file, 'utf8');
  assert.equal(text, readFileSync(again, 'utf8'));
  const [first] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => 'rpc' in line);
  const { about, read, written, echoed } = first;
  assert.equal(about, 'EP_0x1_OP_0x1(version=1) -> OK');
  assert.deepEqual(read, [[16, 0, Buffer.from('what do you get?').toString('hex')]]);
  assert.match(JSON.stringify(written), /^\[\[40,0,"0100000001000100100000002800/);
  assert.deepEqual(echoed, [16, 40]);
  const replayed = emu('run', '--replay', file, '--', CLIENT);
  assert.equal(replayed.status, 0, replayed.stdout + replayed.stderr);
  assert.doesNotMatch(replayed.stdout, /NOT OK/);
});

test('a replay that differs in its payload is told', { skip, timeout }, () => {
  const file = join(scratch, 'other.jsonl');
  assert.equal(emu('run', '--record', file, ...PDS, '--', CLIENT).status, 0);
  const other = join(scratch, 'changed.jsonl');
  spawnSync('sh', ['-c', `sed s/7768617420646f/6768617420646f/ "${file}" >"${other}"`]);
  const { stderr } = emu('run', '--replay', other, '--', CLIENT);
  assert.match(stderr, /EP_0x1_OP_0x1\(version=1\): it is not what comes next.*what it points to/);
});

test('recorded before the node of another emulator: what stands behind the addresses goes there and comes back', {
  skip,
  timeout,
}, () => {
  const [file, own] = [join(scratch, 'passed.jsonl'), join(scratch, 'own.jsonl')];
  const record = [process.execPath, MAIN, 'record', '-o', file, '--from', '/dev/fwctl', '--', CLIENT];
  const { status, stdout, stderr } = emu('run', ...PDS, '--', ...record);
  assert.equal(status, 0, stdout + stderr);
  assert.doesNotMatch(stdout, /NOT OK/);
  emu('run', '--record', own, ...PDS, '--', CLIENT);
  const answers = (path: string) => {
    const lines = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return lines.filter((line) => 'rpc' in line && line.errno === undefined);
  };
  assert.deepEqual(answers(file), answers(own));
  assert.equal(emu('run', '--replay', file, '--', CLIENT).status, 0);
});

test('counters by operation and outcome; a sweep that finds nothing hidden', { skip, timeout }, () => {
  const script = `"${CLIENT}" >&2; "${process.execPath}" "${MAIN}" stats --json`;
  const { stdout } = emu('run', '--fault', 'rpc:operation=2:retval=7', ...PDS, '--', 'sh', '-c', script);
  const [device] = JSON.parse(stdout).devices;
  assert.deepEqual(
    device.calls.map(({ command, outcome, count }: Record<string, unknown>) => `${command} ${outcome} ${count}`).sort(),
    [
      'EP_0x1_OP_0x1 ok 1',
      'EP_0x1_OP_0x2 EPERM 1',
      'EP_0x1_OP_0x2 RETVAL_0x7 1',
      'EP_0x2_OP_0x4 EINVAL 1',
      'FWCTL_INFO ok 1',
    ],
  );
  const swept = emu('sweep', '--only', 'retval', ...PDS, '--', CLIENT);
  assert.match(swept.stdout, /found: 0 crashes, 0 hangs, 0 failures hidden/, swept.stderr);
});

test('a kernel that has no such driver says which one has', { skip, timeout }, () => {
  const { status, stderr } = emu('run', '--abi', 'v2', ...PDS, '--', 'true');
  assert.notEqual(status, 0);
  assert.match(stderr, /v2 .*has no driver pds: the first that has is linux-6\.15/);
});
