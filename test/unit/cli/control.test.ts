/**
 * The control socket as people meet it: inside `run`, beside
 * `serve`, by socket activation; the tour; the generated files.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Verbs } from '../../../src/cli/command.ts';
import { isActivated } from '../../../src/cli/control-socket.ts';
import { allCommands, commandTree } from '../../../src/cli/generate/command-tree.ts';
import { addRunningVerbs, buildProgram } from '../../../src/cli/program.ts';
import { METHODS } from '../../../src/control/methods.ts';
import { allDeviceKeys } from '../../../src/host/config/device-keys.ts';
import { catalogueOf } from '../../../src/host/machine/catalogue.ts';
import { DRIVERS } from '../../../src/host/machine/drivers.ts';
import { serveRefusal } from '../../refusals.ts';
import { SLOWNESS } from '../../slowness.ts';
import { playTour, steady } from './tour.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const skip = serveRefusal();
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-control-')));
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
  spawnSync('umount', ['-l', join(scratch, 'dev')]);
  rmSync(scratch, { recursive: true, force: true });
});

/** A directory with a `fwctl-emu` of this build in it. */
function binDirectory(): string {
  const bin = join(scratch, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'fwctl-emu'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(join(bin, 'fwctl-emu'), 0o755);
  return bin;
}

function emu(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env, timeout: 60_000 });
}

test('run: its command reaches it, and the socket is gone afterwards', { skip, timeout: 60_000 * SLOWNESS }, () => {
  const runtime = join(scratch, 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  const script =
    'echo $FWCTL_EMU_SOCKET; stat -c %a $FWCTL_EMU_SOCKET $(dirname $FWCTL_EMU_SOCKET); fwctl-emu list; fwctl-emu plug connectx6dx && ls /dev/fwctl';
  const env = { ...process.env, XDG_RUNTIME_DIR: runtime, PATH: `${binDirectory()}:${process.env.PATH}` };
  const { stdout, stderr, status } = emu(['run', '--', 'sh', '-c', script], env);
  assert.deepEqual([status, stderr], [0, '']);
  const [path = '', mode, directoryMode, ...rest] = stdout.trimEnd().split('\n');
  assert.ok(path.startsWith(`${runtime}/fwctl-emu-`), path);
  assert.deepEqual([mode, directoryMode], ['600', '700']);
  assert.deepEqual(rest.slice(-3), ['fwctl1 is plugged at 0000:00:0b.0', 'fwctl0', 'fwctl1']);
  assert.deepEqual(readdirSync(runtime), []);
  // Without it there is no variable, also not the one of an emulator around this one.
  const none = emu(['run', '--no-control', '--', 'sh', '-c', 'echo "[$FWCTL_EMU_SOCKET]"'], {
    ...env,
    FWCTL_EMU_SOCKET: '',
  });
  assert.equal(none.stdout, '[]\n');
});

test('run: what a killed one has left goes with the next start; living ones, foreign ones and other things stay', {
  skip,
  timeout: 60_000 * SLOWNESS,
}, async () => {
  const runtime = join(scratch, 'killed');
  mkdirSync(runtime, { mode: 0o700 });
  const env = { ...process.env, XDG_RUNTIME_DIR: runtime, PATH: `${binDirectory()}:${process.env.PATH}` };
  const start = async () => {
    const words = ['run', '--', 'sh', '-c', 'echo $$ $FWCTL_EMU_SOCKET; exec sleep 60'];
    const child = spawn(process.execPath, [MAIN, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    const line = await new Promise<string>((resolve) =>
      child.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim())),
    );
    const [pid, socket = ''] = line.split(' ');
    return {
      child,
      pid: Number(pid),
      directory: dirname(socket),
      ended: new Promise((resolve) => child.once('exit', resolve)),
    };
  };
  const dead = await start();
  const open = await start();
  const foreign = await start();
  const living = await start();
  for (const { child, pid, ended } of [dead, open, foreign]) {
    child.kill('SIGKILL');
    await ended;
    process.kill(pid, 'SIGKILL');
  }
  chmodSync(open.directory, 0o755);
  chownSync(foreign.directory, 12, 12);
  mkdirSync(join(runtime, 'fwctl-emu-aaaaaa'), { mode: 0o700 });
  symlinkSync(dead.directory, join(runtime, 'fwctl-emu-bbbbbb'));
  const { status, stdout } = emu(['run', '--', 'sh', '-c', 'sleep 0.5; dirname $FWCTL_EMU_SOCKET'], env);
  assert.equal(status, 0);
  const left = [open, foreign, living].map(({ directory }) => basename(directory));
  assert.deepEqual(readdirSync(runtime).sort(), [...left, 'fwctl-emu-aaaaaa', 'fwctl-emu-bbbbbb'].sort());
  assert.equal(stdout.includes(runtime), true);
  const listed = emu(['list', '--socket', join(living.directory, 'control.sock')]);
  assert.equal(listed.status, 0, 'the living one is reached');
  living.child.kill('SIGTERM');
  await living.ended;
  assert.equal(existsSync(living.directory), false);
});

test('serve: socket, mode, group; a second one; nothing is left', { skip, timeout: 60_000 * SLOWNESS }, async () => {
  const socket = join(scratch, 'run', 'control.sock');
  const args = [
    'serve',
    '--dev-dir',
    join(scratch, 'dev'),
    '--control-socket',
    socket,
    '--control-mode',
    '0620',
    '--control-group',
    '12',
    '--log-level',
    'error',
  ];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const { mode, gid } = statSync(socket);
  assert.deepEqual([mode & 0o777, gid], [0o620, 12]);
  const list = emu(['list', '--json', '--socket', socket]);
  assert.equal(JSON.parse(list.stdout).devices[0].name, 'fwctl0');
  const second = emu(['serve', '--dev-dir', join(scratch, 'dev2'), '--control-socket', socket, '--log-level', 'error']);
  assert.equal(second.status, 1);
  assert.match(
    second.stderr,
    /another fwctl-emu or other program listens at .*; it is left as it is: take it away, or give another/,
  );
  assert.equal(existsSync(join(scratch, 'dev2')), false);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
  assert.equal(existsSync(join(scratch, 'run')), false);
  const gone = emu(['list', '--socket', socket]);
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /^fwctl-emu: list: no emulator can be reached: .* is no socket: start "fwctl-emu serve"/);
});

test('--socket: what is there and is no socket is called by its kind', () => {
  const plain = join(scratch, 'plain');
  writeFileSync(plain, '');
  const kinds = [
    [plain, 'is a regular file and no socket: give another --socket PATH'],
    [scratch, 'is a directory and no socket: give another --socket PATH'],
    ['/dev/null', 'is a device and no socket: give another --socket PATH'],
    [join(plain, 'x'), 'is no socket: give another --socket PATH'],
  ] as const;
  for (const [path, why] of kinds) {
    const { status, stderr } = emu(['list', '--socket', path]);
    assert.deepEqual([status, stderr], [1, `fwctl-emu: list: no emulator can be reached: ${path} ${why}\n`]);
  }
  const dead = join(scratch, 'dead.sock');
  const left = `require('net').createServer().listen('${dead}', () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', left]);
  assert.match(emu(['list', '--socket', dead]).stderr, /dead\.sock is of an emulator that has ended: start /);
});

test('serve: a socket from systemd is used, and left', { skip, timeout: 60_000 * SLOWNESS }, async () => {
  assert.equal(isActivated({ LISTEN_PID: '7', LISTEN_FDS: '1' }, 7), true);
  assert.equal(isActivated({ LISTEN_PID: '7', LISTEN_FDS: '1' }, 8), false);
  assert.equal(isActivated({ LISTEN_FDS: '1' }, 8), false);
  const socket = join(scratch, 'activated.sock');
  const listener = createServer().listen(socket);
  await new Promise((resolve) => listener.once('listening', resolve));
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
  const script = `LISTEN_PID=$$ LISTEN_FDS=1 exec "${process.execPath}" "${MAIN}" serve --dev-dir "${join(scratch, 'dev')}" --log-level error`;
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', fd] });
  started.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  // Both accept on it: connections that this process takes are dropped until the service gets one.
  listener.on('connection', (socket) => socket.destroy());
  let listed = emu(['list', '--socket', socket]);
  for (let i = 0; i < 20 && listed.status !== 0; i++) {
    await pause(20);
    listed = emu(['list', '--socket', socket]);
  }
  assert.match(listed.stdout, /^fwctl0 /m);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
  assert.ok(existsSync(socket), 'systemd keeps its socket');
  listener.close();
});

test('each verb has help that names its arguments, options and how it is used', async () => {
  const output = { out: () => {}, error: () => {} };
  const nobody = new Proxy({} as Verbs, { get: () => async () => 0 });
  const keys = allDeviceKeys(catalogueOf(DRIVERS).drivers);
  const program = buildProgram('0', nobody, output, async () => {}, keys);
  await addRunningVerbs(program, nobody, output, async () => {});
  const commands = allCommands(await commandTree('0', keys));
  for (const { verb, about, params } of METHODS) {
    if (verb === undefined) continue;
    const command = commands.find(({ name }) => name === verb);
    assert.ok(command, verb);
    assert.equal(command.about, about);
    for (const [name, param] of Object.entries(params)) {
      if (param.hidden === true) continue;
      const shown =
        param.argument === undefined
          ? command.options.some(({ names }) => names.includes(`--${name.replaceAll('_', '-')}`))
          : command.arguments.includes(param.argument);
      assert.ok(shown, `${verb} ${name}`);
    }
  }
});

const clients = join(ROOT, 'build/c');
const skipTour =
  skip ||
  (!existsSync(join(clients, 'demo-scope')) && 'needs build/c/demo-scope: make build') ||
  (spawnSync('curl', ['--version']).status !== 0 && 'curl is not installed');

/** A directory with a `sleep` that takes four times as long: what the tour waits for comes late on a loaded machine. */
function patience(): string {
  const directory = join(scratch, 'patience');
  mkdirSync(directory);
  writeFileSync(join(directory, 'sleep'), '#!/bin/sh\nexec /bin/sleep $(($1 * 4))\n');
  chmodSync(join(directory, 'sleep'), 0o755);
  return directory;
}

test('docs/tour.md shows what happens (UPDATE_TOUR=1 writes it anew)', {
  skip: skipTour,
  timeout: 180_000 * SLOWNESS,
}, () => {
  const path = join(ROOT, 'docs/tour.md');
  const document = readFileSync(path, 'utf8');
  const played = playTour(
    document,
    [process.execPath, MAIN],
    `${patience()}:${binDirectory()}:${clients}`,
    join(scratch, 'tour'),
  );
  if (process.env.UPDATE_TOUR === '1') writeFileSync(path, played);
  else assert.equal(steady(played), steady(document));
});
