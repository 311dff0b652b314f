/** `serve` by FUSE: what inotify(7) tells of plug and unplug. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { callMethod } from '../../../src/control/client.ts';
import { METHODS } from '../../../src/control/methods.ts';
import { serveRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';
import { until } from '../view/run-view.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

test('a watcher of the directory sees devices come and go', { skip: serveRefusal(), timeout: 60_000 }, async () => {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-inotify-')));
  const [directory, socket] = [join(scratch, 'dev'), join(scratch, 'socket')];
  mkdirSync(directory);
  const served = ['serve', '--dev-dir', directory, '--device', 'connectx6dx', '--control-socket', socket];
  const server = spawn(process.execPath, [MAIN, ...served], { stdio: 'ignore' });
  const call = async (verb: string, values: Record<string, string>) => {
    const method = METHODS.find((known) => known.verb === verb);
    assert.ok(method);
    await callMethod(socket, method, values);
  };
  try {
    await until(() => existsSync(join(directory, 'fwctl0')) && existsSync(socket));
    const watcher = spawn(join(repository, 'build/c/watch-names'), [directory, '4'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let seen = '';
    watcher.stdout.setEncoding('utf8').on('data', (text) => (seen += text));
    await until(() => seen.includes('watching'));
    await call('plug', { spec: 'connectx6dx,count=2' });
    await call('unplug', { device: 'fwctl1' });
    await call('plug', { spec: 'connectx6dx' });
    await once(watcher, 'close');
    assert.equal(
      seen,
      ['watching', 'IN_CREATE fwctl1', 'IN_CREATE fwctl2', 'IN_DELETE fwctl1', 'IN_CREATE fwctl1', ''].join('\n'),
    );
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    rmSync(scratch, { recursive: true });
  }
});
