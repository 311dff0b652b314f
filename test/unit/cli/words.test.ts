/** Small parts of the command line: a bare --trace, finding a command, settings, the log, the doctor's table. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { markBareTrace } from '../../../src/cli/bare-trace.ts';
import {
  checkCuseDevice,
  checkFuseDevice,
  checkNode,
  checkProcessVm,
  checkView,
  checkYama,
} from '../../../src/cli/doctor/doctor-checks.ts';
import { diagnosisText } from '../../../src/cli/doctor/doctor-report.ts';
import { findCommand } from '../../../src/cli/find-command.ts';
import { loadSettings, type SettingsOptions } from '../../../src/emulator/settings.ts';
import { CliError } from '../../../src/host/config/cli-error.ts';
import { DRIVERS } from '../../../src/host/machine/drivers.ts';

const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
after(() => rmSync(scratch, { recursive: true }));

test('--trace takes a file behind "=" alone, and only before the command', () => {
  const valued = new Set(['-c', '--device', '--log-level']);
  const marked = (line: string) => markBareTrace(line.split(' '), valued).join(' ');
  assert.equal(marked('run --trace prog'), 'run --trace= prog');
  assert.equal(marked('run --trace=f -- prog --trace'), 'run --trace=f -- prog --trace');
  assert.equal(marked('run prog --trace'), 'run prog --trace');
  assert.equal(marked('run -c --trace --trace prog'), 'run -c --trace --trace= prog');
  assert.equal(
    marked('--log-level debug run --device x --trace prog --trace'),
    '--log-level debug run --device x --trace= prog --trace',
  );
  assert.equal(marked('serve --trace'), 'serve --trace=');
});

test('a command is found as execvp finds it', () => {
  const [one, two] = [join(scratch, 'one'), join(scratch, 'two')];
  for (const directory of [one, two]) mkdirSync(directory);
  writeFileSync(join(one, 'tool'), '');
  writeFileSync(join(two, 'tool'), '');
  chmodSync(join(two, 'tool'), 0o755);
  assert.equal(findCommand('tool', `${one}:${two}`), join(two, 'tool'), 'one that is not executable is passed over');
  const status = (name: string, path: string) => {
    try {
      findCommand(name, path);
      return 0;
    } catch (error) {
      assert.ok(error instanceof CliError);
      return error.status;
    }
  };
  assert.equal(status('tool', one), 126);
  assert.equal(status('tool', '/nonexistent'), 127);
  assert.equal(status(join(two, 'tool'), ''), 0);
});

const settings = (options: SettingsOptions) => loadSettings(options, async () => DRIVERS);

test('settings: command line before file before default', async () => {
  const config = join(scratch, 'f.yaml');
  writeFileSync(config, 'abi: v2\ndevices: [{pci: 01:00.0}]\n');
  const shape = async (options: SettingsOptions) => {
    const { abi, devices } = await settings(options);
    return [abi.name, ...devices.map((device) => device.pci)];
  };
  assert.deepEqual(await shape({}), ['linux-7.3', '0000:00:0a.0']);
  assert.deepEqual(await shape({ config }), ['v2', '0000:01:00.0']);
  assert.deepEqual(await shape({ config, abi: 'latest' }), ['linux-7.3', '0000:01:00.0']);
  assert.deepEqual(await shape({ device: ['pci=02:00.0'] }), ['linux-7.3', '0000:02:00.0']);
  assert.deepEqual(await shape({ config, device: ['count=2'] }), [
    'v2',
    '0000:01:00.0',
    '0000:00:0a.0',
    '0000:00:0b.0',
  ]);
});

test('settings: an address in the file and on the command line', async () => {
  const config = join(scratch, 'g.yaml');
  writeFileSync(config, 'devices: [{pci: 01:00.0}]\n');
  await assert.rejects(
    settings({ config, device: ['pci=01:00.0'] }),
    /--device pci=01:00\.0: column 5: .* already taken by device 1/,
  );
});

/** The log of a process of its own, whose stderr is no terminal. */
function logged(program: string): string {
  const url = new URL('../../../src/host/machine/log.js', import.meta.url).href;
  const source = `import { createLog } from ${JSON.stringify(url)};\n${program}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8', timeout: 20_000 })
    .stderr;
}

test('the log: JSON lines, the level, big numbers in hex', () => {
  const text = logged(
    `const log = createLog('info'); log.debug('no'); log.info('yes', { value: 0xffffffffffffffffn }); log.warn('also');`,
  );
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ level, msg, name, value }) => ({ level, msg, name, value })),
    [
      { level: 30, msg: 'yes', name: 'fwctl-emu', value: '0xffffffffffffffff' },
      { level: 40, msg: 'also', name: 'fwctl-emu', value: undefined },
    ],
  );
});

test('the log: an exit right after a line loses nothing', () => {
  const line = JSON.parse(logged(`createLog('info').error('last words', { n: 1 }); process.exit(0);`));
  assert.equal(line.msg, 'last words');
  assert.equal(line.n, 1);
  assert.equal(logged(`createLog('silent').error('x');`), '');
});

test('doctor: what each check says', () => {
  assert.equal(checkNode('v16.20.2').status, 'fail');
  assert.equal(checkNode('v18.19.0').status, 'ok');
  assert.equal(checkNode('v24.0.0').status, 'ok');
  assert.match(checkFuseDevice('/dev/fuse: EACCES').todo ?? '', /chmod 0666/);
  assert.match(checkFuseDevice('/dev/fuse: ENOENT').todo ?? '', /--device \/dev\/fuse/);
  assert.equal(checkCuseDevice('/dev/cuse: ENOENT').status, 'warn');
  assert.equal(checkProcessVm(0).status, 'ok');
  assert.match(checkProcessVm(-1).found, /EPERM/);
  assert.equal(checkProcessVm(undefined).status, 'skip');
  const scope = (text: string) => {
    const file = join(scratch, 'ptrace_scope');
    writeFileSync(file, text);
    return checkYama(file).status;
  };
  assert.deepEqual(['0\n', '1\n', '2\n', '3\n'].map(scope), ['ok', 'ok', 'ok', 'fail']);
  assert.equal(checkYama('/nonexistent').status, 'ok');
  const [made, fuse] = checkView(
    'view',
    [
      { name: 'namespaces', failure: undefined },
      { name: 'fuse', failure: { what: 'fuse: EACCES', remedy: 'do this' } },
    ],
    'fail',
  );
  assert.deepEqual([made?.status, fuse?.status, fuse?.todo], ['ok', 'fail', 'do this']);
});

test('doctor: the table has every finding, and colour only when asked', () => {
  const diagnosis = {
    version: '1',
    findings: [{ name: 'a', status: 'fail', found: 'seen', means: 'so', todo: 'act' }],
    ways: [{ name: 'run as root', status: 'fails', why: 'a: seen' }],
    ok: false,
    run: undefined,
  } as const;
  const text = diagnosisText(diagnosis, false);
  assert.match(text, /^fail {2}a: seen\n {6}so\n {6}to do: act\n/);
  assert.match(text, /run as root {2}fails {5}a: seen/);
  assert.equal(text.includes('\x1b'), false);
  assert.ok(diagnosisText(diagnosis, true).includes('\x1b[31m'));
});
