/** native/view-exec.c fed with what no daemon of ours sends. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { BASE, VIEW_EXEC } from './run-view.ts';

after(() => rmSync(BASE, { recursive: true }));

describe('view-exec', { skip: existsSync(VIEW_EXEC) ? false : 'native/view-exec is not built: make build' }, () => {
  async function feed(text: string | undefined): Promise<{ code: number | null; lines: string }> {
    const child = spawn(VIEW_EXEC, ['true'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    let lines = '';
    const stream = child.stdio[3] as unknown as NodeJS.ReadWriteStream;
    stream.on('data', (chunk) => (lines += chunk));
    stream.on('error', () => {});
    if (text === undefined) stream.end();
    else stream.write(text);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, lines };
  }

  it('ends when the daemon does, also within a step', async () => {
    assert.deepEqual(await feed(undefined), { code: 125, lines: '' });
  });

  it('refuses steps that it does not know, and fields without an end', async () => {
    assert.deepEqual(await feed('mknod\0'), { code: 125, lines: 'fail 0 38\n' });
    assert.deepEqual(await feed('\0'), { code: 125, lines: 'fail 0 38\n' });
    assert.deepEqual(await feed(`say\0hello\0bind\0${'x'.repeat(100_000)}`), {
      code: 125,
      lines: 'say hello\nfail 1 36\n',
    });
  });

  it('tells of a step that may fail and goes on, and stops at one that may not', async () => {
    assert.deepEqual(await feed('?send\0/nonexistent\0send\0/etc/passwd\0say\0never\0'), {
      code: 125,
      lines: 'skip 0 2\nfail 1 20\n',
    });
  });

  it('runs the command of its own accord never, and without its descriptors not at all', () => {
    const bare = spawnSync(VIEW_EXEC, ['true'], { encoding: 'utf8' });
    assert.equal(bare.status, 2);
    assert.match(bare.stderr, /fwctl-emu run -- COMMAND/);
    assert.equal(spawnSync(VIEW_EXEC, []).status, 2);
  });
});
