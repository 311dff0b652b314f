/**
 * `serve --workers`: a machine whose devices are divided among threads is to be told from an undivided one by nothing but its speed. The same
 * session is played to both, over a real mount with C clients, and each answer compared.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serveRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const skip = serveRefusal();
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-workers-')));
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
  for (const name of ['1', '2', '5', 'trace', 'record', 'held', 'fault', 'state'])
    spawnSync('umount', ['-l', join(scratch, name)], { stdio: 'ignore' });
  rmSync(scratch, { recursive: true, force: true });
});

interface Served {
  readonly directory: string;
  /** `fwctl-emu` beside it: what it said, and its status. */
  emu(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string };
  /** A C client on a device. */
  client(program: string, device: string, ...args: string[]): { status: number | null; stdout: string };
  /** By SIGTERM: its status. */
  stop(): Promise<number | null>;
}

async function serve(name: string, ...options: string[]): Promise<Served> {
  const directory = join(scratch, name);
  const socket = join(scratch, `${name}.sock`);
  const args = ['serve', '--transport', 'fuse', '--dev-dir', directory, '--control-socket', socket, ...options];
  const child = spawn(process.execPath, [MAIN, ...args, '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const said = await Promise.race([
    new Promise<string>((resolve) => child.stdout?.once('data', (data: Buffer) => resolve(data.toString()))),
    ended.then((status) => `it ended with ${status}`),
  ]);
  assert.match(said, /^fwctl-emu: serving /);
  const env = { ...process.env, FWCTL_EMU_SOCKET: socket };
  const run = (program: string, words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', env, timeout: 20_000 });
    return { status, stdout, stderr };
  };
  return {
    directory,
    emu: (...words) => run(process.execPath, [MAIN, ...words]),
    client: (program, device, ...words) => {
      const found = run(join(repository, 'build/c', program), [join(directory, device), ...words]);
      return { status: found.status, stdout: found.stdout };
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** What no two emulators have alike: process and times, memory, paths. */
function steady(text: string): string {
  return text
    .replaceAll(/^serve \(pid.*$/gm, 'serve ...')
    .replaceAll(/^(ready|rpc \d+ \S+) .*$/gm, '$1')
    .replaceAll(/, mean \S+ us|, mean -/g, '')
    .replaceAll(/^\[ *[\d.]+\] /gm, '[...] ')
    .replaceAll(/\(\d+\):/g, '(PID):')
    .replaceAll(/^\d\d:\d\d:\d\d\.\d+ .*?(?=fwctl)/gm, '')
    .replaceAll(/(_seconds|_bytes|_sum|_bucket)(\{[^}]*\})? .*$/gm, '$1$2 ...');
}

type Step = (served: Served) => unknown;

const emu =
  (...words: string[]): Step =>
  ({ emu: call }) => {
    const { status, stdout, stderr } = call(...words);
    return [words.join(' '), status, steady(stdout), stderr];
  };

/** An FWCTL_INFO and `count` QUERY_HCA_CAP: each with its errno. */
const query =
  (device: string, count = 1): Step =>
  ({ client }) => {
    const { status, stdout } = client('hold', device, 'rpc', String(count));
    return [`query ${device}`, status, steady(stdout)];
  };

/** An RPC that taints. */
const write =
  (device: string): Step =>
  ({ directory }) =>
    spawnSync(
      join(repository, 'build/c/bench-client'),
      ['--op', 'rpc', '--scope', '2', '--opcode', '0x10a', '--in', '16', '--out', '112', '--count', '1', device],
      { cwd: directory },
    ).status;

/** What is in a recording, a line each. */
const recording: Step = ({ directory }) => readFileSync(`${directory}.jsonl`, 'utf8').split('\n');

/** `fwctl-emu record start`, to a file of its own. */
const record =
  (...options: string[]): Step =>
  ({ emu: call, directory }) => {
    const { status, stdout, stderr } = call('record', 'start', ...options, '--force', `${directory}.jsonl`);
    return ['record', options, status, stdout.replace(directory, 'DIR'), stderr];
  };

const stopped: Step = ({ emu: call, directory }) => {
  const { status, stdout, stderr } = call('record', 'stop');
  return ['record stop', status, stdout.replace(directory, 'DIR'), stderr];
};

const nodes: Step = ({ directory }) =>
  spawnSync('ls', ['-ln', directory], { encoding: 'utf8' }).stdout.replaceAll(/\w+ +\d+ \d\d:\d\d/g, '');

const SESSION: readonly Step[] = [
  nodes,
  emu('list'),
  emu('list', '--json'),
  ...['fwctl0', '0000:00:0b.0', 'fwctl9', 'fwctlO'].map((device) => emu('info', device)),
  ...['fwctl0', 'fwctl1', 'fwctl2', 'fwctl3', 'fwctl4'].map((device) => query(device)),
  // values: of one device, of a device in another worker, and slips
  emu('set', 'fwctl1', 'registers.PAOS.oper_status', '2'),
  ...['fwctl0', 'fwctl1'].map((device) => emu('get', device, 'registers.PAOS.oper_status')),
  emu('get', 'fwctl2', 'registers.MTMQ'),
  emu('set', 'fwctl4', 'identity.fw_version', '22.40.1000'),
  emu('get', 'fwctl4', 'identity'),
  emu('get', 'fwctl5', 'identity'),
  // the n-th call is the n-th over all devices
  emu('fault', 'add', 'rpc:error=EIO:when=3'),
  query('fwctl0'),
  query('fwctl1'),
  query('fwctl2'),
  query('fwctl3', 2),
  emu('fault', 'list'),
  emu('fault', 'add', 'rpc:error=EBUSY:count=2'),
  ...['fwctl4', 'fwctl3', 'fwctl2'].map((device) => query(device)),
  emu('fault', 'add', 'rpc:probability=50%:seed=7:error=ENOMEM'),
  ...Array.from({ length: 12 }, (_, i) => query(`fwctl${i % 5}`)),
  emu('fault', 'list', '--json'),
  emu('fault', 'remove', '2'),
  emu('fault', 'remove', '2'),
  emu('fault', 'remove', '3'),
  emu('fault', 'add', 'rpc:eror=EIO'),
  emu('fault', 'add', 'open:device=fwctl3:error=EACCES:count=1'),
  query('fwctl3'),
  query('fwctl3'),
  // one taint and one warning, whoever is first
  emu('taint'),
  write('fwctl3'),
  write('fwctl0'),
  write('fwctl2'),
  emu('taint'),
  emu('dmesg'),
  emu('taint', 'clear'),
  write('fwctl1'),
  emu('dmesg'),
  emu('dmesg', 'clear'),
  emu('dmesg'),
  // devices come and go, and numbers are given again
  emu('unplug', 'fwctl1'),
  emu('unplug', 'fwctl2'),
  nodes,
  query('fwctl1'),
  emu('plug', 'connectx7,pci=0000:03:00.0,mode=0666'),
  emu('plug', 'connectx6dx,pci=0000:03:00.0'),
  emu('plug', 'connectx6dx,count=3'),
  emu('plug', 'connectx6'),
  nodes,
  emu('list'),
  emu('info', '0000:03:00.0'),
  emu('replug', 'fwctl1', '--wait'),
  emu('replug', 'fwctl0'),
  query('fwctl0'),
  query('fwctl1'),
  emu('list'),
  emu('unplug', 'fwctl7'),
  emu('stats'),
  emu('metrics'),
  emu('stats', 'clear'),
  emu('stats'),
  // one recording, in the order of the calls
  emu('record', 'status'),
  emu('record', 'stop'),
  record('--mask', 'psid', '--mask', 'cap', '--mask', 'no_such_field'),
  ...['fwctl0', 'fwctl3', 'fwctl1', 'fwctl2', 'fwctl3', 'fwctl0'].map((device) => query(device, 2)),
  emu('replug', 'fwctl2'),
  query('fwctl2'),
  write('fwctl4'),
  emu('unplug', 'fwctl5'),
  stopped,
  recording,
  record('--device', '0000:03:00.0'),
  ...['fwctl0', 'fwctl1', 'fwctl2', 'fwctl3'].map((device) => query(device)),
  stopped,
  recording,
  record('--device', 'fwctl9'),
  emu('reset'),
  nodes,
  emu('list'),
  emu('fault', 'list'),
  emu('taint'),
  emu('get', 'fwctl1', 'registers.PAOS.oper_status'),
  query('fwctl4'),
  emu('stats'),
  emu('openapi'),
];

for (const count of ['2', '5']) {
  test(`--workers ${count}: a session is answered as by one event loop`, { skip, timeout: 240_000 }, async () => {
    const devices = [
      '--device',
      'connectx6dx,count=5',
      '--device',
      'driver=iommufd',
      '--fault',
      'info:device=fwctl4:delay=1ms',
    ];
    const undivided = await serve('1', ...devices);
    const divided = await serve(count, ...devices, '--workers', count);
    let ends: readonly (number | null)[] = [];
    try {
      for (const step of SESSION) {
        const expected = step(undivided);
        assert.deepEqual(step(divided), expected);
      }
    } finally {
      ends = await Promise.all([divided.stop(), undivided.stop()]);
    }
    assert.deepEqual(ends, [0, 0]);
    assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(scratch));
  });
}

test('--workers: the trace has the calls of all devices, in a file and on the control socket', {
  skip,
  timeout: 60_000,
}, async () => {
  const file = join(scratch, 'trace.jsonl');
  const served = await serve('trace', '--workers', '2', '--device', 'connectx6dx,count=4', `--trace=${file}`);
  const reader = spawn(
    process.execPath,
    [MAIN, 'trace', '--json', '--count', '6', '--filter', 'device=fwctl1|fwctl2'],
    { env: { ...process.env, FWCTL_EMU_SOCKET: join(scratch, 'trace.sock') }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  started.push(reader);
  let read = '';
  reader.stdout?.on('data', (data: Buffer) => {
    read += data;
  });
  const ended = new Promise((resolve) => reader.once('exit', resolve));
  const devices = ['fwctl0', 'fwctl1', 'fwctl2', 'fwctl3'];
  // the reader may begin at any of these calls; by its count it ends
  for (; reader.exitCode === null; await pause(10))
    for (const device of devices) served.client('hold', device, 'rpc', '1');
  assert.equal(await ended, 0);
  const events = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  assert.deepEqual(new Set(events(read).map(({ device }) => device)), new Set(['fwctl1', 'fwctl2']));
  write('fwctl2')(served);
  assert.equal(await served.stop(), 0);
  const written = events(readFileSync(file, 'utf8'));
  for (const device of devices) {
    const kinds = written.filter((event) => event.device === device).map(({ event }) => event);
    assert.deepEqual(kinds.slice(0, 4), ['open', 'ioctl', 'ioctl', 'close'], device);
  }
  const [warning] = written.filter(({ event }) => event === 'kmsg');
  assert.match(warning.text, /has requested full access to the physical device/);
});

test('--workers: a recording from the start on is complete at the end, and replays', {
  skip,
  timeout: 60_000,
}, async () => {
  const file = join(scratch, 'whole.jsonl');
  const devices = ['--device', 'connectx6dx,count=3'];
  const served = await serve('record', '--workers', '3', ...devices, '--record', file);
  const calls = ['fwctl0', 'fwctl2', 'fwctl1', 'fwctl2'].map((device) => query(device, 2));
  const heard = calls.map((call) => call(served));
  assert.equal(await served.stop(), 0);
  const again = await serve('record', '--replay', file);
  assert.deepEqual(
    calls.map((call) => call(again)),
    heard,
  );
  assert.equal(await again.stop(), 0, 'all of it was played');
});

test('--workers: an answer that is held in one worker holds nobody in another', { skip, timeout: 60_000 }, async () => {
  const served = await serve('held', '--workers', '2', '--device', 'connectx6dx,count=2,mode=0666');
  assert.equal(served.emu('fault', 'add', 'rpc:device=fwctl1:hang').status, 0);
  const client = spawn(join(repository, 'build/c/hold'), [join(served.directory, 'fwctl1'), 'rpc', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(client);
  let said = '';
  client.stdout?.on('data', (data: Buffer) => {
    said += data;
  });
  const ended = new Promise((resolve) => client.once('exit', resolve));
  const held = () => JSON.parse(served.emu('fault', 'list', '--json').stdout).faults[0].held;
  while (held() === 0);
  assert.equal(query('fwctl0')(served)?.toString(), 'query fwctl0,0,ready\nrpc 1 success\n');
  assert.match(served.emu('unplug', 'fwctl1').stdout, /calls in flight still hold it/);
  assert.equal(spawnSync('ls', [served.directory], { encoding: 'utf8' }).stdout, 'fwctl0\n');
  assert.equal(served.emu('fault', 'release', '1').stdout, '1 answer let go\n');
  assert.equal(await ended, 0);
  assert.match(said, /^ready \d+ \d+\nrpc 1 success /);
  assert.equal(await served.stop(), 0);
});

test('--workers: a device that a fault unplugs is out of the directory when its call returns', {
  skip,
  timeout: 60_000,
}, async () => {
  const served = await serve('fault', '--workers', '2', '--device', 'connectx6dx,count=2', '--fault', 'rpc:unplug');
  const script = `${join(repository, 'build/c/hold')} fwctl1 rpc 2; ls`;
  const { stdout } = spawnSync('sh', ['-c', script], { cwd: served.directory, encoding: 'utf8' });
  assert.equal(steady(stdout), 'ready\nrpc 1 success\nrpc 2 ENODEV\nfwctl0\n');
  assert.equal(await served.stop(), 0);
});

test('--workers: /dev/iommu is in the first; state is kept by whoever has the device', {
  skip,
  timeout: 60_000,
}, async () => {
  const state = join(scratch, 'state');
  const options = ['--workers', '2', '--state', state];
  const devices = ['--device', 'connectx6dx,count=3', '--device', 'driver=iommufd'];
  const first = await serve('state', ...options, ...devices);
  const listing = () => spawnSync('find', ['.', '-type', 'f'], { cwd: first.directory, encoding: 'utf8' }).stdout;
  assert.deepEqual(listing().trim().split('\n').sort(), ['./fwctl0', './fwctl1', './fwctl2', './iommu', './vfio/vfio']);
  assert.match(first.emu('plug', 'driver=iommufd').stderr, /there is iommu already, and a machine has one/);
  assert.match(first.emu('unplug', 'iommu').stderr, /iommu is on no bus/);
  assert.equal(await first.stop(), 0);
  assert.equal(existsSync(join(scratch, 'state.sock')), false);
});

test('--workers: what it is not for is refused, and says why', () => {
  const refusals: readonly (readonly [words: readonly string[], text: RegExp])[] = [
    [['--workers', '0'], /It is a whole number from 1 to 64/],
    [['--workers', '2x'], /It is a whole number from 1 to 64/],
    [
      ['--workers', '2', '--replay', '/tmp/x'],
      /^fwctl-emu: serve: a recording answers in one order, which workers have/,
    ],
  ];
  for (const [words, text] of refusals) {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve', ...words], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, text);
  }
});
