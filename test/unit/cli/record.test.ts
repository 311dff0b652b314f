/**
 * `record` before the node of another emulator, `run --record`,
 * `run --replay`, `--fault`, and the C kit, with real programs.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runRefusal, serveRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';
import { SLOWNESS } from '../../slowness.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const CLIENT = join(repository, 'build/c/sweep-client');
const IOMMU = join(repository, 'build/c/iommu-calls');
const KIT = join(repository, 'build/c/kit-client');
const notBuilt = !(existsSync(CLIENT) && existsSync(KIT)) && 'C clients are not built (make c)';
const skip = notBuilt || runRefusal();
const skipRoot = skip || serveRefusal();
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-test-')));
let server: ChildProcess | undefined;
after(() => {
  server?.kill('SIGTERM');
  spawnSync('umount', ['-l', join(scratch, 'dev')]);
  rmSync(scratch, { recursive: true, force: true });
});

const emulator = (...words: string[]) =>
  spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8', timeout: 30_000 });

test('an emulated device recorded and replayed: byte-equal output', { skip }, () => {
  const file = join(scratch, 'run.jsonl');
  const recorded = emulator('run', '--record', file, '--', CLIENT, 'good');
  assert.equal(recorded.status, 0);
  const replayed = emulator('run', '--replay', file, '--', CLIENT, 'good');
  assert.equal(replayed.stdout, recorded.stdout);
  assert.equal(replayed.stderr, '');
  assert.equal(replayed.status, 0);
  const other = emulator(
    'run',
    '--replay',
    file,
    '--',
    'sh',
    '-c',
    'exec 3<>/dev/fwctl/fwctl0; (exec 4<>/dev/fwctl/fwctl0); exit 0',
  );
  assert.match(
    other.stderr,
    /replay: open of fwctl0: it is not what comes next, FWCTL_INFO of fwctl0 at .*run\.jsonl:4; it stands nowhere else/,
  );
  assert.match(other.stderr, /replay: 1 call was not answered from the recording; 3 recorded ones were not made/);
  assert.equal(other.status, 1, 'a command that passes in spite of a miss has not passed');
});

test('recorded while it runs, replayed: byte-equal output; a file that was open already is in it', { skip }, () => {
  const script = `
    cd "$1" && mkdir -p sub && cd sub
    "$2" "$3" record start live.jsonl >&2 && "$4" good && "$2" "$3" record stop >&2 && [ -e live.jsonl ] || exit 9
    cd .. && "$2" "$3" record start sub/live.jsonl; echo "status $?"; "$2" "$3" record status >&2`;
  const recorded = emulator('run', '--', 'sh', '-c', script, 'sh', scratch, process.execPath, MAIN, CLIENT);
  const file = join(scratch, 'sub', 'live.jsonl');
  assert.match(recorded.stderr, /^recording to .*sub\/live\.jsonl: 0 exchanges, 38 bytes\n/);
  assert.match(
    recorded.stderr,
    /record start: .*sub\/live\.jsonl exists; give another name, or replace it \(--force\)/,
  );
  assert.match(recorded.stderr, /live\.jsonl is complete: 5 exchanges, \d+ bytes\n$/);
  const replayed = emulator('run', '--replay', file, '--', CLIENT, 'good');
  assert.equal(`${replayed.stdout}status 1\n`, recorded.stdout);
  assert.notEqual(replayed.stdout, '');
  assert.deepEqual([replayed.stderr, replayed.status], ['', 0]);
});

test('what cannot be written any more ends the recording and nothing else', { skip }, () => {
  const script = `
    "$1" "$2" record start "$4/full.jsonl" || exit 9
    for i in $(seq 60); do "$3" good >/dev/null || exit 8; done
    "$1" "$2" record status; "$1" "$2" record stop`;
  // dash and bash count a file's size in 512 and 1024 bytes; a shell that cannot limit it fails here.
  const limited = [
    '-c',
    'ulimit -f 16 && exec "$0" "$@"',
    process.execPath,
    MAIN,
    'run',
    '--',
    'sh',
    '-c',
    script,
    'sh',
  ];
  const { stdout, stderr, status } = spawnSync('sh', [...limited, process.execPath, MAIN, CLIENT, scratch], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.match(
    stdout,
    /the recording has ended: .*full\.jsonl\.part cannot be written \(EFBIG\); what was written is in/,
  );
  assert.match(stderr, /ERROR: the recording has ended: /);
  assert.match(stderr, /record stop: nothing is being recorded \(the recording has ended: /);
  assert.equal(status, 1);
  assert.equal(existsSync(join(scratch, 'full.jsonl')), false);
});

test('record start writes with the rights of the emulator: not for another user of its socket', {
  skip: skipRoot,
}, async () => {
  const socket = join(scratch, 'control', 'sock');
  const words = ['serve', '--transport', 'fuse', '--dev-dir', join(scratch, 'dev2'), '--control-socket', socket];
  const child = spawn(process.execPath, [MAIN, ...words, '--control-mode', '0666'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    chmodSync(scratch, 0o755);
    const asked = { encoding: 'utf8', timeout: 30_000 } as const;
    const start = [MAIN, 'record', 'start', '--socket', socket, join(scratch, 'other.jsonl')];
    const other = spawnSync(
      'setpriv',
      ['--reuid=12', '--regid=12', '--clear-groups', process.execPath, ...start],
      asked,
    );
    assert.match(
      other.stderr,
      /would write the file as user 0, and you are user 12: ask that user, or record with your own/,
    );
    assert.equal(other.status, 1);
    assert.equal(existsSync(join(scratch, 'other.jsonl.part')), false);
    assert.equal(emulator(...start.slice(1)).status, 0);
    assert.equal(existsSync(join(scratch, 'other.jsonl.part')), true);
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  assert.match(
    readFileSync(join(scratch, 'other.jsonl'), 'utf8'),
    /^\{"fwctl_emu_recording":1/,
    'its end completes it',
  );
});

test('/dev/iommu recorded and replayed: byte-equal output, and a miss is loud', { skip }, () => {
  const file = join(scratch, 'iommu.jsonl');
  const recorded = emulator('run', '--device', 'iommufd,thp=1', '--record', file, '--', IOMMU);
  assert.equal(recorded.status, 0, recorded.stderr);
  assert.match(recorded.stdout, /^VFIO_IOMMU_GET_INFO: OK \[4\]=0x3/m);
  const text = readFileSync(file, 'utf8');
  emulator('run', '--device', 'iommufd,thp=1', '--record', file, '--', IOMMU);
  assert.equal(readFileSync(file, 'utf8'), text, 'the same run gives the same file, whatever its addresses');
  for (const order of [[], ['--match']]) {
    const replayed = emulator('run', '--replay', file, ...order, '--', IOMMU);
    assert.equal(replayed.stdout, recorded.stdout);
    assert.equal(replayed.stderr, '');
    assert.equal(replayed.status, 0);
  }
  const other = emulator('run', '--replay', file, '--', IOMMU, '/dev/vfio/vfio');
  assert.match(other.stderr, /replay: open of vfio: it is not what comes next, the open of iommu at .*iommu\.jsonl:3/);
});

test('a failed recording takes no older one away; bad files are refused', { skip }, () => {
  const file = join(scratch, 'bad.jsonl');
  writeFileSync(file, 'nonsense\n');
  const { stderr, status } = emulator('run', '--replay', file, '--', 'true');
  assert.match(stderr, /bad\.jsonl:1: this is no JSON object; is it a recording of fwctl-emu\?/);
  assert.equal(status, 125);
  assert.match(emulator('run', '--record', '/no/such/place/x', '--', 'true').stderr, /cannot be written \(ENOENT\)/);
  assert.match(emulator('run', '--replay', '/no/such', '--', 'true').stderr, /cannot be read \(no such file\)/);
});

test('record stands before the nodes of another emulator', { skip: skipRoot }, async () => {
  const directory = join(scratch, 'dev');
  const words = [
    'serve',
    '--transport',
    'fuse',
    '--dev-dir',
    directory,
    '--no-control',
    '--fault',
    'rpc:when=3:error=EBUSY',
  ];
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  server = child;
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const file = join(scratch, 'pass.jsonl');
  const first = emulator('record', '-o', file, '--from', directory, '--', CLIENT, 'good');
  assert.equal(first.stderr, '');
  assert.equal(first.status, 0);
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map((line) => Object.keys(line)[0]),
    ['fwctl_emu_recording', 'device', 'open', 'info', 'rpc', 'rpc', 'close'],
  );
  assert.match(String(lines[4]?.about), /^ACCESS_REG\(read NODE_DESC 0x6001\) -> OK$/);
  // The third RPC fails there, and so it does here.
  const second = emulator('record', '-o', file, '--from', directory, '--', CLIENT, 'good');
  assert.match(second.stderr, /NODE_DESC: -16/);
  assert.match(readFileSync(file, 'utf8'), /"errno":"EBUSY"/);
  const none = emulator('record', '-o', file, '--from', scratch, '--', 'true');
  assert.match(none.stderr, /there is no device in .*--from DIR, or record an emulated device: fwctl-emu run --record/);
});

test('--fault and the faults of a configuration; slips are told with their place', { skip }, () => {
  const config = join(scratch, 'lab.yaml');
  writeFileSync(config, 'faults:\n  - rpc:register=NODE_DESC:error=EBUSY\n');
  const { stderr, status } = emulator('run', '-c', config, '--', CLIENT, 'good');
  assert.match(stderr, /NODE_DESC: -16/);
  assert.equal(status, 1);
  assert.equal(emulator('run', '--fault', 'info:error=EPERM', '--', CLIENT, 'good').status, 1);
  writeFileSync(config, 'abi: v2\nfaults:\n  - "rpc:registr=NODE_DESC:error=EBUSY"\n');
  assert.match(emulator('check', config).stderr, /lab\.yaml:3:10: unknown key "registr".*did you mean register/);
  const slip = emulator('run', '--fault', 'rpc:error=EIOO', '--', 'true');
  assert.match(slip.stderr, /--fault rpc:error=EIOO: column 11: there is no errno "EIOO"/);
  assert.equal(slip.status, 125);
});

test('a command that a fault holds back ends with the signal that is sent to the run', {
  skip,
  timeout: 60_000 * SLOWNESS,
}, async () => {
  const trace = join(scratch, 'held.log');
  const child = spawn(
    process.execPath,
    [MAIN, 'run', `--trace=${trace}`, '--fault', 'rpc:hang', '--', CLIENT, 'good'],
    {
      stdio: 'ignore',
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  // The client's next call after FWCTL_INFO is the one that is held.
  while (!existsSync(trace) || !readFileSync(trace, 'utf8').includes('INFO')) await pause(20);
  await pause(200);
  assert.equal(child.exitCode, null);
  child.kill('SIGTERM');
  assert.equal(await ended, 128 + 15);
});

test('the C kit', { skip }, () => {
  const { stdout, status } = emulator('run', '--', KIT);
  assert.doesNotMatch(stdout, /NOT OK/);
  assert.equal(stdout.split('\n').filter((line) => line.startsWith('ok ')).length, 11);
  assert.equal(status, 0);
});

test('the C kit, and faults at /dev/iommu', { skip }, () => {
  const { stdout, status, stderr } = emulator(
    'run',
    '--device',
    'iommufd',
    '--',
    join(repository, 'build/c/iommu-faults'),
  );
  assert.doesNotMatch(stdout, /NOT OK/);
  assert.equal(stdout.split('\n').filter((line) => line.startsWith('ok ')).length, 15, stderr);
  assert.equal(status, 0);
});
