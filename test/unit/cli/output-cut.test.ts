/** What is left of a recording and a trace when the emulator is killed, the disk is full, or two have one file. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const CLIENT = join(repository, 'build/c/sweep-client');
const skip = runRefusal() || (!existsSync(CLIENT) && `${CLIENT} is not built (make c)`);
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-cut-')));
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});

const at = (name: string) => join(scratch, name);
const emulator = (...words: string[]) =>
  spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8', timeout: 30_000 });

async function run(...words: string[]): Promise<ChildProcess> {
  const ready = at(`ready-${started.length}`);
  const child = spawn(process.execPath, [MAIN, 'run', ...words], {
    stdio: 'ignore',
    env: { ...process.env, READY: ready, CLIENT },
  });
  started.push(child);
  while (!existsSync(ready)) {
    assert.equal(child.exitCode, null);
    await pause(10);
  }
  return child;
}

const ended = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));
const ONCE = '"$CLIENT" good; touch "$READY"; sleep 30';

test('a recorder that is killed leaves every call that was answered, and a replay of it is whole', {
  skip,
  timeout: 60_000,
}, async () => {
  const file = at('killed.jsonl');
  const child = await run('--record', file, '--', 'sh', '-c', ONCE);
  child.kill('SIGKILL');
  await ended(child);
  assert.equal(existsSync(file), false);
  writeFileSync(`${file}.part`, '{"rpc":"fwctl0","fi', { flag: 'a' });
  const replayed = emulator('run', '--replay', file, '--', CLIENT, 'good');
  assert.equal(replayed.status, 0, replayed.stderr);
  const taken = `fwctl-emu: replay: ${file} is not there: ${file}.part is taken, whose emulator was killed or runs\n`;
  assert.equal(replayed.stderr, taken);
  assert.equal(replayed.stdout, emulator('run', '--', CLIENT, 'good').stdout);
  assert.equal(emulator('run', '--record', file, '--', CLIENT, 'good').status, 0, 'what is left is in nobody’s way');
  assert.equal(emulator('run', '--replay', file, '--', CLIENT, 'good').stderr, '');
});

test('calls answered behind one that is held back are there too, in their order', {
  skip,
  timeout: 60_000,
}, async () => {
  const file = at('held.jsonl');
  const script = `"$CLIENT" good & sleep 0.5; "$CLIENT" good; ${ONCE}`;
  const fault = 'rpc:register=RESOURCE_DUMP:when=1:hang';
  const child = await run('--fault', fault, '--record', file, '--', 'sh', '-c', script);
  child.kill('SIGKILL');
  await ended(child);
  const lines = readFileSync(`${file}.part`, 'utf8').split('\n');
  const files = lines.slice(2, -1).map((line) => (JSON.parse(line) as { file: number }).file);
  assert.deepEqual(files, [1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
});

test('two emulators do not write one recording or one trace', { skip, timeout: 60_000 }, async () => {
  const [record, trace] = [at('one.jsonl'), at('one.log')];
  const child = await run('--record', record, `--trace=${trace}`, '--', 'sh', '-c', ONCE);
  // a trace is written a moment after its calls are answered
  for (let i = 0; i < 500 && !/ close /.test(readFileSync(trace, 'utf8')); i++) await pause(20);
  const before = [readFileSync(`${record}.part`, 'utf8'), readFileSync(trace, 'utf8')];
  const holder = `another emulator, process ${child.pid},`;
  const second = emulator('run', '--record', record, '--', 'true');
  const other = 'end that one, or give another name';
  assert.equal(second.stderr, `fwctl-emu: --record: ${record}.part: ${holder} records there; ${other}\n`);
  const third = emulator('run', `--trace=${trace}`, '--', 'true');
  const refused = `the trace cannot be written to ${trace}: ${holder} traces to it; ${other}`;
  assert.equal(third.stderr, `fwctl-emu: ${refused}\n`);
  for (const { status } of [second, third]) assert.ok(status !== 0 && status !== null);
  assert.deepEqual([readFileSync(`${record}.part`, 'utf8'), readFileSync(trace, 'utf8')], before);
  child.kill('SIGTERM');
  await ended(child);
  assert.equal(emulator('run', '--record', record, `--trace=${trace}`, '--', CLIENT, 'good').status, 0);
});

const FULL: readonly (readonly [what: string, option: string, said: RegExp])[] = [
  [
    'trace',
    '--trace=/dev/full',
    /the trace to \/dev\/full has ended: ENOSPC.*\n.*is not whole: at its end at most \d+ /,
  ],
  [
    'recording',
    `--record=${at('full.jsonl')}`,
    /has ended: .* \(EFBIG\); what .*\n.*ended are not in it.*"calls":[1-9]|"calls":[1-9].*ended are not in it/,
  ],
];
for (const [what, option, said] of FULL)
  test(`a ${what} that does not find room: said, how much is missing, and a status; the command ends well`, {
    skip: skip || (!existsSync('/dev/full') && 'no /dev/full'),
    timeout: 60_000,
  }, () => {
    const many = 'for i in 1 2 3 4 5 6 7 8 9; do "$0" good || exit 9; done';
    const words = [process.execPath, MAIN, 'run', option, '--', 'sh', '-c', many, CLIENT];
    const limited = ['-c', 'ulimit -f 16 && exec "$0" "$@"', ...words];
    const { stderr, status } = spawnSync('sh', limited, { encoding: 'utf8', timeout: 30_000 });
    assert.match(stderr, said);
    assert.equal(status, 125);
  });
