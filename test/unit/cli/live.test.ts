/** `serve` and `run` against the machine's own /dev/fuse, and the launcher. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isOurs, mountAt, readMountTable } from '../../../src/transport/mount-table.ts';
import { serveRefusal } from '../../refusals.ts';
import { SLOWNESS } from '../../slowness.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../../../scripts/fwctl-emu', import.meta.url));
const skip = serveRefusal();
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-test-')));
const started: ChildProcess[] = [];
/** Leaders of process groups of their own. */
const groups: ChildProcess[] = [];

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

after(() => {
  for (const child of started) child.kill('SIGKILL');
  // with its command, which would keep our end of its output open
  for (const { pid } of groups) if (pid !== undefined) endGroup(pid);
  for (const name of ['term', 'killed', 'gone']) spawnSync('umount', ['-l', join(scratch, name)]);
  rmSync(scratch, { recursive: true });
});

/** Starts `serve` and waits for its line. */
async function serve(
  directory: string,
): Promise<{ child: ChildProcess; line: string; ended: Promise<number | NodeJS.Signals | null> }> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--dev-dir', directory, '--log-level', 'silent'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString()));
    child.stderr?.once('data', (data: Buffer) => reject(new Error(data.toString())));
  });
  return { child, line, ended };
}

test('serve: on SIGTERM no mount, no directory', { skip, timeout: 20_000 * SLOWNESS }, async () => {
  const directory = join(scratch, 'term');
  const { child, line, ended } = await serve(directory);
  assert.match(line, /^fwctl-emu: serving fwctl0 .* by a FUSE mount, as linux-7\.3 does\n$/);
  const mount = mountAt(readMountTable(), directory);
  assert.ok(mount && isOurs(mount));
  // Another process looks: this one could be asked to serve itself in other tests.
  assert.equal(spawnSync('ls', [directory], { encoding: 'utf8' }).stdout, 'fwctl0\n');
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
  assert.equal(mountAt(readMountTable(), directory), undefined);
  assert.equal(existsSync(directory), false);
});

test('serve: the mount of a killed one is taken over, that of a living one is not', {
  skip,
  timeout: 20_000 * SLOWNESS,
}, async () => {
  const directory = join(scratch, 'killed');
  const first = await serve(directory);
  await assert.rejects(serve(directory), /another fwctl-emu serves it already/);
  first.child.kill('SIGKILL');
  await first.ended;
  assert.ok(mountAt(readMountTable(), directory), 'the dead mount is still there');
  const second = await serve(directory);
  assert.equal(readMountTable().filter((mount) => mount.mountPoint === directory).length, 1);
  second.child.kill('SIGINT');
  assert.equal(await second.ended, 0);
  assert.equal(mountAt(readMountTable(), directory), undefined);
});

test('serve: an unmount by somebody else ends it with 1', { skip, timeout: 20_000 * SLOWNESS }, async () => {
  const directory = join(scratch, 'gone');
  const { ended } = await serve(directory);
  assert.equal(spawnSync('umount', [directory]).status, 0);
  assert.equal(await ended, 1);
  assert.equal(existsSync(directory), false);
});

test('run: exit status, signals and streams are those of the command', {
  skip,
  timeout: 60_000 * SLOWNESS,
}, async () => {
  const run = (...command: string[]) =>
    spawnSync(process.execPath, [MAIN, 'run', '--', ...command], { encoding: 'utf8', input: 'in\n' });
  const seven = run('sh', '-c', 'ls /dev/fwctl; cat; echo err >&2; exit 7');
  assert.deepEqual([seven.status, seven.stdout, seven.stderr], [7, 'fwctl0\nin\n', 'err\n']);
  assert.equal(run('sh', '-c', 'kill -9 $$').status, 137);
  assert.equal(run('sh', '-c', 'exec /dev/null/x').status, 127);

  // In a session of its own there is no terminal: SIGINT is passed on as well.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) {
    const program = `trap 'echo got; exit 9' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`;
    const child = spawn(process.execPath, [MAIN, 'run', '--', 'sh', '-c', program], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    groups.push(child);
    let said = '';
    const status = new Promise((resolve) => child.once('exit', resolve));
    child.stdout?.on('data', (data: Buffer) => {
      said += data;
      if (said === 'ready\n') child.kill(signal);
    });
    assert.equal(await status, 9, signal);
    assert.equal(said, 'ready\ngot\n');
  }
});

test('the launcher finds its checkout through links, and says what to build', () => {
  const root = join(scratch, 'checkout');
  mkdirSync(join(root, 'scripts'), { recursive: true });
  const launcher = join(root, 'scripts', 'fwctl-emu');
  copyFileSync(LAUNCHER, launcher);
  chmodSync(launcher, 0o755);
  symlinkSync(launcher, join(scratch, 'first'));
  symlinkSync('first', join(scratch, 'second'));
  const start = (...args: string[]) => spawnSync(join(scratch, 'second'), args, { encoding: 'utf8' });
  const missing = start();
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, new RegExp(`it is not built: .*; run: make -C ${root} build`));
  mkdirSync(join(root, 'dist/bundle/cli'), { recursive: true });
  writeFileSync(
    join(root, 'dist/bundle/cli/main.cjs'),
    'console.log(JSON.stringify(process.argv.slice(2))); process.exit(3);',
  );
  const built = start('a b', '--', '$x');
  assert.deepEqual([built.status, built.stdout], [3, '["a b","--","$x"]\n']);
});
