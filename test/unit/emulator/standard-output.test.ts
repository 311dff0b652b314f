/** What fwctl-emu writes to pipes: whole, quiet when nobody reads it, and the pipe stays as blocking as it was. */
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeWhole } from '../../../src/host/machine/write-whole.ts';
import { runRefusal } from '../../refusals.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const MODULE = new URL('../../../src/emulator/standard-output.js', import.meta.url).href;
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
after(() => rmSync(scratch, { recursive: true }));
const skip = runRefusal();

/** More than a pipe holds. */
const MUCH = 1024 * 1024;

/** A line of bash in which `emu` is fwctl-emu and `module SCRIPT` runs JavaScript that has the module's exports. */
function bash(line: string): SpawnSyncReturns<string> {
  const before = `emu() { "$NODE" "$MAIN" "$@"; }
    module() { "$NODE" --input-type=module -e "import * as output from '$MODULE'; $1"; }`;
  const env = { ...process.env, NODE: process.execPath, MAIN, MODULE };
  return spawnSync('bash', ['-c', `${before}\n${line}`], { encoding: 'utf8', env, timeout: 60_000 });
}

function fifo(name: string): string {
  const path = join(scratch, name);
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
}

test('a slow reader gets all of stdout and of stderr, though the process exits at once', () => {
  for (const name of ['stdout', 'stderr']) {
    const script = `output.writeWholeOutput(); process.${name}.write('x'.repeat(${MUCH})); process.exit(3);`;
    const { stdout } = bash(`{ module "${script}" 2>&1; echo " $?"; } | { sleep 0.5; wc -c; }`);
    assert.equal(Number(stdout), MUCH + 3, name);
  }
});

test('a slow reader gets all that is wrong with a configuration', () => {
  const path = join(scratch, 'wrong.json');
  const devices = Array.from({ length: 1000 }, (_, at) => ({ driver: 'mlx5', profle: `x${at}` }));
  writeFileSync(path, JSON.stringify({ devices }));
  const { stdout } = bash(`emu check ${path} 2>&1 >/dev/null | { sleep 0.5; wc -l; }; echo "\${PIPESTATUS[0]}"`);
  const [lines, status] = stdout.split('\n').map(Number);
  assert.ok(lines !== undefined && lines >= 1000, stdout);
  assert.equal(status, 1);
});

test('a reader that has gone and a full disk are said, and have a status', () => {
  const gone = bash('sleep 0.5 | { emu openapi; echo $? >&2; } | true');
  assert.equal(gone.stderr, 'fwctl-emu: the output is not whole: its reader has gone (EPIPE)\n1\n');
  if (!existsSync('/dev/full')) return;
  const full = bash('emu openapi >/dev/full');
  assert.match(full.stderr, /^fwctl-emu: the output is not whole: ENOSPC[^\n]*\n$/);
  assert.equal(full.status, 1);
});

test('a descriptor that somebody else has made non-blocking is waited for', async () => {
  const path = fifo('non-blocking');
  const { O_RDWR, O_NONBLOCK } = constants;
  const fd = openSync(path, O_RDWR | O_NONBLOCK);
  const reader = spawn('sh', ['-c', 'sleep 0.3; head -c "$0" | wc -c', String(MUCH)], {
    stdio: [fd, 'pipe', 'ignore'],
  });
  const fdOfReader = openSync(path, constants.O_WRONLY | O_NONBLOCK);
  let count = '';
  reader.stdout?.on('data', (data: Buffer) => {
    count += data.toString();
  });
  const ended = new Promise((resolve) => reader.once('close', resolve));
  writeWhole(fdOfReader, Buffer.alloc(MUCH));
  closeSync(fdOfReader);
  closeSync(fd);
  await ended;
  assert.equal(Number(count), MUCH);
});

test('pipes stay blocking: Node looks at process.stderr when a socket ends', () => {
  const flags = 'grep flags /proc/self/fdinfo/4 /proc/self/fdinfo/2 >&3';
  const script = `output.writeWholeOutput();
    process.stdout.write('x');
    process.stderr.write('x');
    import('node:child_process').then(({ spawn }) => spawn('true').stdout.on('close', () => process.kill(process.pid, 'SIGKILL')));`;
  const { stdout } = bash(`exec 3>&1; { exec 4>&1; module "${script}"; ${flags}; } 2>&1 | cat >/dev/null`);
  assert.match(stdout, /^\S*flags:\s0*1\n\S*flags:\s0*1\n$/);
});

test('run: the command writes to the slow reader of its stderr as it would without', { skip }, () => {
  const command = `sleep 0.3; head -c ${MUCH} /dev/zero >&2`;
  const { stdout } = bash(`emu run -- sh -c '${command}' 2>&1 >/dev/null | { sleep 1; wc -c; }`);
  assert.equal(Number(stdout), MUCH);
});

test('run: the slow reader of a trace gets all of it', { skip }, () => {
  const command = 'i=0; while [ $i -lt 600 ]; do : </dev/fwctl/fwctl0; i=$((i+1)); done';
  const { stdout } = bash(`emu run --trace -- sh -c '${command}' 2>&1 | { sleep 1.5; wc -l; }`);
  assert.ok(Number(stdout) >= 1200, stdout);
});

test('process.exit() does not wait for a thread that waits for its reader', async () => {
  const fd = openSync(fifo('stuck'), 'r+');
  const script = `import { exitPastThreads, writeBeside } from '${MODULE}';
    exitPastThreads();
    process.on('exit', () => console.log('handlers run'));
    void writeBeside(2, Buffer.alloc(${MUCH}));
    setTimeout(() => process.exit(3), 200);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', fd] });
  let said = '';
  child.stdout?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const ended = await new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  clearTimeout(timer);
  closeSync(fd);
  assert.equal(ended, 3);
  assert.equal(said, 'handlers run\n');
});
