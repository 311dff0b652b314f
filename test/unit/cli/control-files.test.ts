/**
 * Files that requests of the control socket name: what is no regular
 * file is refused in one line, and no client of the emulator waits.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveRefusal } from '../../refusals.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const skip = serveRefusal();
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-files-')));
const at = (name: string) => join(scratch, name);
const closing: (() => unknown)[] = [() => rmSync(scratch, { recursive: true })];
after(() => {
  for (const close of closing.reverse()) close();
});

function fifo(name: string): string {
  rmSync(at(name), { force: true });
  assert.equal(spawnSync('mkfifo', [at(name)]).status, 0);
  return at(name);
}

/** Within a time in which nobody waits for a file. */
function emu(...args: string[]): string {
  const options = { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' } as const;
  const { signal, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args, '--socket', at('control')], options);
  assert.equal(signal, null, `${args.join(' ')}: no answer`);
  return `${stdout}${stderr}`;
}

/** Two devices: the profile of the second is a file, its state is kept. */
before(async () => {
  if (skip) return;
  writeFileSync(at('good.yaml'), 'base: connectx6dx\n');
  const words = ['serve', '--dev-dir', at('dev'), '--control-socket', at('control'), '--state', at('state')];
  const devices = ['--device', 'connectx6dx', '--device', at('good.yaml')];
  const child = spawn(process.execPath, [MAIN, ...words, ...devices], { stdio: ['ignore', 'pipe', 'ignore'] });
  closing.push(() => {
    child.kill('SIGKILL');
    spawnSync('umount', ['-l', at('dev')]);
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const server = createServer().listen(at('socket.yaml'));
  closing.push(() => server.close());
  symlinkSync('/dev/zero', at('device.yaml'));
  fifo('fifo.yaml');
});

test('plug', { skip }, () => {
  const rows = [
    ['fifo.yaml', '(a FIFO); give a regular file'],
    ['device.yaml', '(a device); give a regular file'],
    ['socket.yaml', '(a socket); give a regular file'],
    ['state', '(a directory); give a regular file'],
    // what this very emulator serves
    ['dev/fwctl0', '(EINVAL); check the path'],
    ['dev/none.yaml', '(no such file); check the path'],
    ['dev', '(a directory); give a regular file'],
  ];
  for (const [name = '', said] of rows) {
    const why = `column 1: ${at(name)}: the profile cannot be read ${said}\n`;
    const answer = emu('plug', at(name));
    assert.ok(answer.endsWith(why) && answer.split('\n').length === 2, answer);
  }
  assert.match(emu('plug', at('good.yaml')), /^fwctl2 is plugged/);
  emu('unplug', 'fwctl2');
});

test('replug, whose device stays when its profile is no file any more', { skip }, () => {
  fifo('good.yaml');
  assert.match(emu('replug', 'fwctl1'), /good\.yaml: the profile cannot be read \(a FIFO\); give a regular file\n$/);
  assert.match(emu('list'), /^fwctl1 /m);
});

test('a saved state', { skip }, () => {
  fifo('state/0000:03:00.0.json');
  assert.match(
    emu('plug', 'connectx6dx,pci=0000:03:00.0'),
    /03:00\.0\.json: the saved state cannot be read \(a FIFO\)/,
  );
});

test('record start', { skip }, () => {
  fifo('pipe.part');
  assert.match(emu('record', 'start', '--force', at('fifo.yaml')), /fifo\.yaml is a FIFO; give another name\n$/);
  assert.match(emu('record', 'start', '--force', at('pipe')), /pipe\.part is a FIFO; give another name\n$/);
  assert.match(
    emu('record', 'start', at('dev/x.jsonl')),
    /x\.jsonl\.part cannot be written \(E\w+\); check the path\n$/,
  );
  assert.match(emu('record', 'status'), /nothing has been recorded/);
  assert.ok(existsSync(at('dev/fwctl0')));
});
