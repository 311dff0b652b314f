/** Clients whose memory is odd, late or never there (build/c/memory): each has its kernel's answer, and waits alone. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { copiersOf } from '../../copiers.ts';
import { runRefusal, serveRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';
import { SLOWNESS } from '../../slowness.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const MEMORY = join(repository, 'build/c/memory');
const unbuilt = !existsSync(MEMORY) && `${MEMORY} is not built (make c)`;
const timeout = 120_000 * SLOWNESS;
const CASES = 16;
/** The bounds of native/watcher.c, 1.3 s, and a machine that has much else to do. */
const FREED_MS = 10_000 * SLOWNESS;

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-memory-')));
const started: ChildProcess[] = [];
after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await pause(50);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  for (const point of mounts.map((line) => line.split(' ')[4] ?? ''))
    if (point.startsWith(scratch)) spawnSync('umount', ['-l', point]);
  rmSync(scratch, { recursive: true, force: true });
});

function begin(program: string, ...args: readonly string[]) {
  const env = { ...process.env, BY_FUSE: '1' };
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  const ended = once(child, 'close').then(([code, signal]) => ({ status: (signal ?? code) as unknown, text }));
  const said = async (pattern: RegExp) => {
    while (!pattern.test(text)) {
      assert.equal(child.exitCode ?? child.signalCode, null, `it ended without ${pattern}: ${text}`);
      await pause(10);
    }
  };
  return { child, ended, said };
}

/** All cases are right but for those that this machine cannot try. */
function allRight(text: string): void {
  const lines = text.split('\n').filter((line) => /^(ok|skip|WRONG) /.test(line));
  assert.deepEqual(
    lines.filter((line) => line.startsWith('WRONG')),
    [],
  );
  assert.equal(lines.length, CASES, text);
}

async function serve(name: string) {
  const directory = join(scratch, name);
  const words = ['serve', '--transport', 'fuse', '--dev-dir', directory, '--control-socket', `${directory}.sock`];
  const server = begin(process.execPath, MAIN, ...words, '--log-level', 'warn');
  await server.said(/^fwctl-emu: serving /m);
  return { ...server, device: join(directory, 'fwctl0') };
}

describe('the memory of a client', { skip: runRefusal() || unbuilt }, () => {
  it('is read and written as its own kernel would, in a view', { timeout }, async () => {
    const { status, text } = await begin(process.execPath, MAIN, 'run', '--', MEMORY, '/dev/fwctl/fwctl0', 'all').ended;
    allRight(text);
    assert.equal(status, 0);
  });

  for (const race of ['race', 'race-held']) {
    it(`that vanishes as it is copied costs the command of a view its life (${race})`, { timeout }, async (t) => {
      const run = begin(process.execPath, MAIN, 'run', '--', MEMORY, '/dev/fwctl/fwctl0', race);
      const { status, text } = await run.ended;
      if (status === 77) return t.skip('no userfaultfd here');
      assert.equal(status, 137, text);
      assert.match(text, /^fwctl-emu: process of thread \d+ \(memory\) is killed: it took away memory/m);
      assert.doesNotMatch(text, /ends: memory/);
    });
  }
});

describe('the memory of a client of serve', { skip: serveRefusal() || unbuilt }, () => {
  it('is read and written as its own kernel would, and copiers are left for the next', { timeout }, async () => {
    const server = await serve('all');
    const { status, text } = await begin(MEMORY, server.device, 'all').ended;
    allRight(text);
    assert.equal(status, 0);
    const { pid } = server.child;
    assert.ok(pid !== undefined && copiersOf(pid).length <= 4);
    server.child.kill('SIGTERM');
    assert.equal((await server.ended).status, 0);
  });

  it('that vanishes as it is copied costs that client its life, and others are served', { timeout }, async (t) => {
    const server = await serve('race');
    for (const race of ['race', 'race-held']) {
      const client = begin(MEMORY, server.device, race);
      // it is alone in its process group no longer than its holder
      const { status, text } = await client.ended;
      if (status === 77) return t.skip('no userfaultfd here');
      assert.equal(status, 'SIGKILL', text);
      const begun = Date.now();
      const other = await begin(join(repository, 'build/c/demo-info'), server.device).ended;
      assert.equal(other.status, 0, other.text);
      assert.ok(Date.now() - begun < FREED_MS);
    }
    server.child.kill('SIGTERM');
    const { status, text } = await server.ended;
    assert.equal(status, 0, text);
    assert.equal(text.match(/is killed: it took away memory/g)?.length, 2, text);
  });

  it('that never comes holds neither others nor the end', { timeout }, async (t) => {
    const server = await serve('stuck');
    const client = begin(MEMORY, server.device, 'stuck');
    const first = await Promise.race([client.said(/^stuck/), client.ended]);
    if (first?.status === 77) return t.skip('no userfaultfd here');
    const { pid } = server.child;
    while (pid !== undefined && copiersOf(pid).length === 0) await pause(10);
    assert.equal((await begin(join(repository, 'build/c/demo-info'), server.device).ended).status, 0);
    server.child.kill('SIGTERM');
    const { status, text } = await server.ended;
    assert.equal(status, 0, text);
    // ECONNABORTED
    assert.equal((await client.ended).status, 103);
  });
});
