/** How `serve` ends, on purpose and not: what open files get, and what is left. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { callMethod, type Values } from '../../../src/control/client.ts';
import { METHODS } from '../../../src/control/methods.ts';
import { serveRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';
import { SLOWNESS } from '../../slowness.ts';
import { description } from './node-description.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const HOLD = join(repository, 'build/c/hold');
const skip = serveRefusal() || (!existsSync(HOLD) && `${HOLD} is not built (make c)`);
const options = { skip, timeout: 60_000 * SLOWNESS };
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-ends-')));
const started: ChildProcess[] = [];
after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await pause(50);
  for (const mount of mountsBelow(scratch)) spawnSync('umount', ['-l', mount], { stdio: 'ignore' });
  rmSync(scratch, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  /** Resolves when it has written that. */
  said(pattern: RegExp): Promise<void>;
  /** `status`: or the signal that killed it. */
  readonly ended: Promise<{ readonly status: number | NodeJS.Signals | null; readonly text: string }>;
}

function run(program: string, ...args: readonly string[]): Running {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  let over = false;
  const ended: Running['ended'] = new Promise((resolve) =>
    child.once('close', (code, signal) => {
      over = true;
      resolve({ status: signal ?? code, text });
    }),
  );
  return {
    child,
    ended,
    async said(pattern) {
      while (!pattern.test(text)) {
        assert.equal(over, false, `it ended without ${pattern}: ${text}`);
        await pause(10);
      }
    },
  };
}

const hold = (path: string, ...words: readonly string[]) => run(HOLD, path, ...words);

interface Place {
  readonly directory: string;
  readonly socket: string;
}

function placeFor(name: string): Place {
  return { directory: join(scratch, name), socket: join(scratch, `${name}.sock`) };
}

async function serve({ directory, socket }: Place, ...more: readonly string[]): Promise<Running> {
  const words = ['serve', '--transport', 'fuse', '--dev-dir', directory, '--control-socket', socket];
  const server = run(
    process.execPath,
    MAIN,
    ...words,
    '--device',
    'connectx6dx,count=2',
    '--log-level',
    'warn',
    ...more,
  );
  await server.said(/^fwctl-emu: serving /m);
  return server;
}

function control(socket: string, verb: string, values: Values = {}): Promise<unknown> {
  const method = METHODS.find((row) => row.verb === verb);
  assert.ok(method, verb);
  return callMethod(socket, method, values);
}

function mountsBelow(path: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point === path || point.startsWith(`${path}/`));
}

function nothingIsLeft({ directory, socket }: Place): void {
  assert.deepEqual(mountsBelow(directory), []);
  assert.deepEqual([existsSync(directory), existsSync(socket)], [false, false]);
}

test(
  'SIGTERM within calls that hang, and an unplug that waits for one: ECONNABORTED, status 0, no bug',
  options,
  async () => {
    const place = placeFor('term');
    const server = await serve(place, '--fault', 'rpc:hang');
    const held = [0, 1].map((device) => hold(join(place.directory, `fwctl${device}`), 'rpc', '1'));
    for (;;) {
      const { faults } = (await control(place.socket, 'fault list')) as { faults: { held: number }[] };
      if (faults[0]?.held === 2) break;
      await pause(10);
    }
    await assert.rejects(async () => {
      const unplugged = control(place.socket, 'unplug', { device: 'fwctl1', wait: true });
      while (existsSync(join(place.directory, 'fwctl1'))) await pause(10);
      server.child.kill('SIGTERM');
      await unplugged;
    });
    const { status, text } = await server.ended;
    assert.equal(status, 0, text);
    assert.doesNotMatch(text, /bug/);
    for (const { ended } of held) {
      const client = await ended;
      assert.match(client.text, /^rpc 1 ECONNABORTED/m);
      assert.equal(client.status, 103);
    }
    nothingIsLeft(place);
  },
);

const FAILING: readonly (readonly [what: string, code: string, status: number, text: RegExp])[] = [
  [
    'throws late',
    "setTimeout(() => { throw new Error('late failure'); }, 50)",
    1,
    /it failed: Error: late failure\n +at .*failing/,
  ],
  ['drops a promise', "void Promise.reject(new Error('dropped'))", 1, /it failed: Error: dropped\n +at .*failing/],
  ['leaves', 'process.exit(7)', 7, /^/],
];

for (const [what, code, expected, reason] of FAILING) {
  test(`a firmware module that ${what} ends the service: why, and nothing left`, options, async () => {
    const place = placeFor('failing');
    const path = join(scratch, `failing-${what.split(' ')[0]}.mjs`);
    writeFileSync(path, `export default { exec() { ${code}; return new Promise(() => {}); } };\n`);
    const server = await serve(place, '--device', `connectx6dx,firmware=${path}`);
    const other = hold(join(place.directory, 'fwctl0'), 'stdin');
    await other.said(/^ready/);
    const client = await hold(join(place.directory, 'fwctl2'), 'rpc', '1').ended;
    assert.match(client.text, /^rpc 1 (ECONNABORTED|ENOTCONN)|FWCTL_INFO: ECONNABORTED/m);
    const { status, text } = await server.ended;
    assert.equal(status, expected, text);
    assert.match(text, reason);
    other.child.stdin?.end();
    await other.ended;
    nothingIsLeft(place);
  });
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

test('what a device keeps over a power cycle is kept in whichever order devices come back', options, async () => {
  const place = placeFor('kept');
  const server = await serve(place);
  const path = (device: number) => join(place.directory, `fwctl${device}`);
  await description(path(1), 'of the second device');
  for (const device of ['fwctl0', 'fwctl1']) await control(place.socket, 'unplug', { device });
  await control(place.socket, 'plug', { spec: 'connectx6dx,pci=0000:00:0b.0' });
  assert.equal(await description(path(0)), 'of the second device');
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).status, 0);
});
