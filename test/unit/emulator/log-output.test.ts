/** A reader of the log that has stopped: every client is served, nothing is lost without a word, the end comes. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openNode } from '../../../src/transport/client-file.ts';
import { loadNative } from '../../../src/transport/native.ts';
import { serveRefusal } from '../../refusals.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-log-')));
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
  for (const kind of Object.keys(KINDS)) spawnSync('umount', ['-l', join(scratch, kind)], { stdio: 'ignore' });
  rmSync(scratch, { recursive: true, force: true });
});

const RPCS = 400;
const LINE = 4000;

/** What stderr is; the socket, which Node gives to its children, cannot be opened anew and may block. */
const KINDS: Readonly<Record<string, () => 'pipe' | number>> = {
  socket: () => 'pipe',
  pipe: () => {
    const path = join(scratch, 'fifo');
    assert.equal(spawnSync('mkfifo', [path]).status, 0);
    return openSync(path, 'r+');
  },
};

async function serve(kind: string, stderr: 'pipe' | number): Promise<ChildProcess> {
  const module = join(scratch, 'failing.mjs');
  writeFileSync(module, `export default { exec() { throw new Error('x'.repeat(${LINE})); } };\n`);
  const words = [
    'serve',
    '--transport',
    'fuse',
    '--dev-dir',
    join(scratch, kind),
    '--no-control',
    '--log-format',
    'json',
  ];
  const child = spawn(process.execPath, [MAIN, ...words, '--device', `connectx6dx,firmware=${module}`], {
    stdio: ['ignore', 'pipe', stderr],
  });
  started.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child;
}

async function failingRpcs(path: string): Promise<void> {
  const file = await openNode(path, loadNative());
  const request = Uint8Array.from([1, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  for (let i = 0; i < RPCS; i++) assert.ok(!('value' in (await file.rpc(1, request, 16))));
  await file.close();
}

for (const [kind, make] of Object.entries(KINDS))
  test(`stderr is a ${kind} that nobody reads: RPCs are answered; read later, it has all or says how much not`, {
    skip: serveRefusal(),
    timeout: 60_000,
  }, async () => {
    const stderr = make();
    const child = await serve(kind, stderr);
    const flags = () => /flags:\s(\d+)/.exec(readFileSync(`/proc/${child.pid}/fdinfo/2`, 'utf8'))?.[1];
    const before = flags();
    await failingRpcs(join(scratch, kind, 'fwctl0'));
    assert.equal(flags(), before, 'O_NONBLOCK is left as it was');
    // Now it is read, and the next line has the count.
    let text = '';
    const reader =
      kind === 'pipe' ? spawn('cat', [join(scratch, 'fifo')], { stdio: ['ignore', 'pipe', 'ignore'] }) : child;
    if (reader !== child) started.push(reader);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const source = reader === child ? child.stderr : reader.stdout;
    source?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    const over = new Promise((resolve) => source?.once('close', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    if (typeof stderr === 'number') closeSync(stderr);
    await over;
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; lines?: number });
    const whole = lines.filter(({ msg }) => msg.includes('x'.repeat(LINE))).length;
    const dropped = lines.reduce((sum, { lines: count = 0 }) => sum + count, 0);
    assert.ok(dropped > 0, `${whole}`);
    assert.equal(whole + dropped, RPCS);
    assert.equal(lines.at(-1)?.msg, 'stopped');
  });

test('a reader that stays stopped does not keep the emulator from its end', {
  skip: serveRefusal(),
  timeout: 60_000,
}, async () => {
  const fifo = join(scratch, 'full');
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  const stderr = openSync(fifo, 'r+');
  writeFileSync(stderr, Buffer.alloc(65_536));
  const child = await serve('pipe', stderr);
  await failingRpcs(join(scratch, 'pipe', 'fwctl0'));
  child.kill('SIGTERM');
  assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0);
  closeSync(stderr);
});
