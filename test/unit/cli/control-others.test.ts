/** `plug` by a user who is not the emulator's own: the verb reads the file with its own rights, and sends its text. */
import assert from 'node:assert/strict';
import { type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveRefusal } from '../../refusals.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const NOBODY = 65_534;
const skip = serveRefusal() || (process.geteuid?.() !== 0 && 'needs root, to be another user');
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-others-')));
const at = (name: string) => join(scratch, name);
const closing: (() => unknown)[] = [() => rmSync(scratch, { recursive: true })];
after(() => {
  for (const close of closing.reverse()) close();
});

before(async () => {
  if (skip) return;
  chmodSync(scratch, 0o755);
  writeFileSync(at('secret.yaml'), 'topsecret: 1\n', { mode: 0o600 });
  for (const name of ['mine.yaml', 'wrong.yaml']) {
    writeFileSync(at(name), name === 'mine.yaml' ? 'base: connectx6dx\n' : 'base: connectx6dx\n"\\e[31mred": 1\n');
    chmodSync(at(name), 0o400);
    chownSync(at(name), NOBODY, NOBODY);
  }
  assert.equal(spawnSync('mkfifo', ['-m', '666', at('fifo.yaml')]).status, 0);
  const words = ['serve', '--dev-dir', at('dev'), '--control-socket', at('control'), '--control-mode', '0666'];
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
  closing.push(() => {
    child.kill('SIGKILL');
    spawnSync('umount', ['-l', at('dev')]);
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
});

/** Status and output of the verb, as that user, in the folder. */
function plug(spec: string, uid: number | undefined, shell = '"$@"'): [number | null, string] {
  const words = [process.execPath, MAIN, 'plug', spec, '--socket', at('control')];
  const user = uid === undefined ? {} : { uid, gid: uid };
  // a bash whose standard input is a socket may read root's ~/.bashrc
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  const options = { encoding: 'utf8', cwd: scratch, timeout: 60_000, stdio, ...user } as const;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', shell, 'bash', ...words], options);
  return [status, stdout + stderr];
}

test('a file that only this user may read is plugged, by any way to write it', { skip }, () => {
  for (const spec of [
    at('mine.yaml'),
    'mine.yaml',
    './mine.yaml,count=2',
    'mode=0666,profile=../mine.yaml'.replace('../', './'),
  ]) {
    const [status, text] = plug(spec, NOBODY);
    assert.deepEqual([status, /^fwctl\d+ is plugged at /.test(text)], [0, true], text);
  }
  const [status, text] = plug('/dev/fd/9', NOBODY, 'exec 9< <(echo "base: connectx6dx"); "$@"');
  assert.deepEqual([status, /is plugged at/.test(text)], [0, true], text);
});

test('a file that only the emulator may read is refused as cat(1) would refuse it', { skip }, () => {
  for (const [spec = '', why] of [
    [at('secret.yaml'), 'secret.yaml: the profile cannot be read (EACCES); check the path'],
    ['none.yaml', 'none.yaml: the profile cannot be read (no such file); check the path'],
    ['fifo.yaml', 'fifo.yaml: the profile cannot be read (a FIFO); give a regular file'],
    ['/dev/zero', '/dev/zero: the profile cannot be read (a device); give a regular file'],
    ['./', 'the profile cannot be read (a directory); give a regular file'],
  ]) {
    const [status, text] = plug(spec, NOBODY);
    assert.equal(status, 1);
    assert.ok(text.startsWith('fwctl-emu: plug: ') && text.endsWith(`${why}\n`), text);
  }
});

test('what a file says does not reach the terminal', { skip }, () => {
  const [status, text] = plug('wrong.yaml', NOBODY);
  assert.equal(status, 1);
  assert.match(text, /wrong\.yaml:2:1: unknown key "\\x1b\[31mred"/);
});

test('by the own user: a path from where the verb runs, and a descriptor of its own', { skip }, () => {
  assert.match(plug('mine.yaml', undefined)[1], /is plugged at/);
  assert.match(plug('/dev/stdin', undefined, 'echo "base: connectx6dx" | "$@"')[1], /is plugged at/);
  assert.match(plug('secret.yaml', undefined)[1], /unknown key "topsecret"/);
});
