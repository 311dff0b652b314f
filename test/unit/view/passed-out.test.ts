/** A descriptor that leaves a view by SCM_RIGHTS: what a process outside is answered (a row of vfs-differences.md). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { REPOSITORY } from './devices.ts';
import { AS_NOBODY, BASE, ROOT, runCommand, WAYS, type Way } from './run-view.ts';

after(() => rmSync(BASE, { recursive: true }));

const PROGRAM = join(REPOSITORY, 'build/c/passed-out');
const UNBUILT = !existsSync(PROGRAM) && 'build/c/passed-out is not built: make build';

/** What does not concern the file system, and is answered alike by everybody's. */
const ALIKE = ['lseek ESPIPE', 'poll OK', 'F_GETFL OK', 'dup OK', 'mmap ENODEV', 'close OK'];
const REFUSED = ['FWCTL_INFO', 'FWCTL_RPC', 'unknown ioctl', 'fstat', 'ftruncate', 'fchmod', 'reopen'];
const ASKED = { read: 'EINVAL', write: 'EINVAL', fsync: 'EINVAL', fgetxattr: 'ENODATA' };

/** What the receiver, started with a prefix, prints of each call, sorted. */
async function answers(way: Way, prefix: string): Promise<string[]> {
  const socket = join(BASE, `socket-${process.hrtime.bigint()}`);
  const [program = '', ...args] = [...prefix.split(' ').filter(Boolean), PROGRAM, 'listen', socket];
  const receiver = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 });
  let text = '';
  receiver.stdout.on('data', (chunk) => (text += chunk));
  const done = once(receiver, 'close');
  await once(receiver.stdout, 'data');
  const sent = await runCommand(way, [PROGRAM, 'send', socket, '/dev/fwctl/fwctl0']);
  assert.match(sent.stdout, /ended 0/, sent.stderr);
  await done;
  return text.trimEnd().split('\n').slice(1).sort();
}

const lines = (answer: Readonly<Record<string, string>>) =>
  Object.entries(answer).map(([call, errno]) => `${call} ${errno}`);

for (const way of WAYS) {
  describe(`a descriptor sent out of a view as ${way.name}`, { skip: way.skip || UNBUILT }, () => {
    const refused = REFUSED.map((call) => `${call} EACCES`);
    if (way.name === 'root') {
      // view-run's device takes every ioctl
      it('answers outside as inside', async () => {
        const served = ['FWCTL_INFO OK', 'FWCTL_RPC OK', 'unknown ioctl OK', 'fstat OK', 'fchmod OK', 'reopen OK'];
        const expected = [...ALIKE, ...lines(ASKED), ...served, 'ftruncate EINVAL'];
        assert.deepEqual(await answers(way, ''), expected.sort());
      });
      return;
    }
    it('is refused to the same user outside the user namespace', async () => {
      assert.deepEqual(await answers(way, ROOT ? AS_NOBODY : ''), [...ALIKE, ...lines(ASKED), ...refused].sort());
    });
    it('cannot even be asked by a user whom the namespace does not know', {
      skip: !ROOT && 'not run by root',
    }, async () => {
      const unknown = Object.keys(ASKED).map((call) => `${call} EOVERFLOW`);
      assert.deepEqual(await answers(way, ''), [...ALIKE, ...unknown, ...refused].sort());
    });
  });
}
