/** The file that a node is mounted on: made, inherited from a killed emulator, refused. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CliError } from '../../../src/host/config/cli-error.ts';
import type { Log } from '../../../src/host/machine/log.ts';
import { takeNodeFile } from '../../../src/serve/node-file.ts';
import type { DirectorySystem, MountAnswer } from '../../../src/serve/parts.ts';
import { parseMountInfo } from '../../../src/transport/mount-table.ts';

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-test-')));
after(() => rmSync(scratch, { recursive: true }));
const say = () => {};
const log: Log = { trace: say, debug: say, info: say, warn: say, error: say };

/** `mounted`: what is mounted at that path, and how it answers. */
function system(path: string, mounted?: { source: string; answer: MountAnswer }): DirectorySystem {
  let mounts = mounted === undefined ? [] : parseMountInfo(`71 24 0:41 / ${path} rw - fuse ${mounted.source} rw`);
  return {
    mountTable: () => mounts,
    askMount: async () => mounted?.answer ?? 'dead',
    unmountLazily() {
      mounts = [];
      return 0;
    },
  };
}

test('the file and its directory are made, and go again', async () => {
  const path = join(scratch, 'vfio/vfio');
  const file = await takeNodeFile(path, system(path), log);
  assert.ok(existsSync(path));
  file.release();
  file.release();
  assert.equal(existsSync(join(scratch, 'vfio')), false);
});

test('what somebody has put in its place stays', async () => {
  const path = join(scratch, 'replaced');
  const file = await takeNodeFile(path, system(path), log);
  rmSync(path);
  writeFileSync(path, 'precious');
  file.release();
  assert.ok(existsSync(path));
});

test('a directory that was there stays', async () => {
  mkdirSync(join(scratch, 'kept'));
  const path = join(scratch, 'kept/node');
  (await takeNodeFile(path, system(path), log)).release();
  assert.ok(existsSync(join(scratch, 'kept')));
});

test('what a killed emulator left is used, and goes with its directory', async () => {
  mkdirSync(join(scratch, 'left'));
  const path = join(scratch, 'left/node');
  writeFileSync(path, '');
  const file = await takeNodeFile(path, system(path, { source: 'fwctl-emu', answer: 'dead' }), log);
  assert.ok(existsSync(path));
  file.release();
  assert.equal(existsSync(join(scratch, 'left')), false);
});

test('what is not ours is refused, and left as it is', async () => {
  const path = join(scratch, 'iommu');
  writeFileSync(path, '');
  const refused = (error: unknown) =>
    error instanceof CliError && /is there already .*fwctl-emu run/.test(error.message);
  await assert.rejects(takeNodeFile(path, system(path), log), refused);
  await assert.rejects(takeNodeFile(path, system(path, { source: 'fwctl-emu', answer: 'alive' }), log), refused);
  await assert.rejects(takeNodeFile(path, system(path, { source: 'other', answer: 'dead' }), log), refused);
  assert.ok(existsSync(path));
});
