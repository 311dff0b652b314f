/** May `serve` use the directory: the decisions, and what becomes of a directory. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CliError } from '../../../src/host/config/cli-error.ts';
import type { Log } from '../../../src/host/machine/log.ts';
import { type DirectoryState, judgeDirectory, takeDirectory } from '../../../src/serve/dev-directory.ts';
import type { DirectorySystem, MountAnswer } from '../../../src/serve/parts.ts';
import { type Mount, parseMountInfo } from '../../../src/transport/mount-table.ts';

function mount(fstype: string, source: string, at = '/dev/fwctl'): Mount {
  const [parsed] = parseMountInfo(`71 24 0:41 / ${at} rw - ${fstype} ${source} rw`);
  assert.ok(parsed);
  return parsed;
}
const ours = mount('fuse', 'fwctl-emu');

const DECISIONS: readonly [string, DirectoryState, act: string, why?: RegExp][] = [
  ['nothing there', { kind: 'absent' }, 'create'],
  ['an empty directory', { kind: 'directory', entries: [] }, 'use'],
  ['a file', { kind: 'not-a-directory' }, 'refuse', /not a directory/],
  ['a directory with something', { kind: 'directory', entries: ['a', 'b'] }, 'refuse', /not empty \(a, b\)/],
  ['real devices', { kind: 'directory', entries: ['fwctl0'] }, 'refuse', /fwctl devices in it \(fwctl0\)/],
  ['our mount, dead', { kind: 'mount', mount: ours, answer: 'dead' }, 'unmount'],
  ['our mount, alive', { kind: 'mount', mount: ours, answer: 'alive' }, 'refuse', /serves it already/],
  ['our mount, hung', { kind: 'mount', mount: ours, answer: 'silent' }, 'refuse', /does not answer/],
  ['our mount, not asked', { kind: 'mount', mount: ours, answer: undefined }, 'refuse', /serves it already/],
  [
    'a foreign FUSE',
    { kind: 'mount', mount: mount('fuse.sshfs', 'me@h:'), answer: undefined },
    'refuse',
    /type fuse\.sshfs/,
  ],
  ['our name, not FUSE', { kind: 'mount', mount: mount('tmpfs', 'fwctl-emu'), answer: 'dead' }, 'refuse', /not ours/],
];
for (const [name, state, act, why] of DECISIONS) {
  test(`${name}: ${act}`, () => {
    const verdict = judgeDirectory(state);
    assert.equal(verdict.act, act);
    if (verdict.act === 'refuse') {
      assert.match(verdict.why, why ?? /^$/);
      assert.notEqual(verdict.remedy, '');
    }
  });
}

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-test-')));
after(() => rmSync(scratch, { recursive: true }));
const lines: string[] = [];
const say = (message: string) => void lines.push(message);
const log: Log = { trace: say, debug: say, info: say, warn: say, error: say };

function system(
  mounts: Mount[],
  answer: MountAnswer = 'dead',
  unmountErrno = 0,
): DirectorySystem & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    mountTable: () => mounts,
    askMount: async (path) => {
      asked.push(path);
      return answer;
    },
    unmountLazily() {
      if (unmountErrno === 0) mounts.pop();
      return -unmountErrno;
    },
  };
}

test('a directory that we make goes again, one that was there stays', async () => {
  const made = await takeDirectory(join(scratch, 'made'), system([]), log);
  assert.ok(existsSync(made.path));
  made.release();
  made.release();
  assert.equal(existsSync(made.path), false);
  mkdirSync(join(scratch, 'kept'));
  const kept = await takeDirectory(join(scratch, 'kept'), system([]), log);
  kept.release();
  assert.ok(existsSync(kept.path));
});

test('dead mounts of ours are taken away, however many lie on each other', async () => {
  const path = join(scratch, 'stale');
  mkdirSync(path);
  const mounts = [mount('fuse', 'fwctl-emu', path), mount('fuse', 'fwctl-emu', path)];
  const machine = system(mounts);
  const directory = await takeDirectory(path, machine, log);
  assert.equal(mounts.length, 0);
  assert.deepEqual(machine.asked, [path, path]);
  // Outside /dev it may be the user's own.
  directory.release();
  assert.ok(existsSync(path));
});

test('a mount that cannot be taken away is an error and no loop', async () => {
  const path = join(scratch, 'stuck');
  const stuck = takeDirectory(path, system([mount('fuse', 'fwctl-emu', path)], 'dead', 1), log);
  await assert.rejects(stuck, /stays \(EPERM\); try: umount -l/);
});

test('a foreign mount is refused without being touched', async () => {
  const path = join(scratch, 'foreign');
  const machine = system([mount('fuse.sshfs', 'x', path)]);
  await assert.rejects(takeDirectory(path, machine, log), /a file system that is not ours/);
  assert.deepEqual(machine.asked, []);
});

test('the mount is found behind a link in the path', async () => {
  mkdirSync(join(scratch, 'real'));
  symlinkSync('real', join(scratch, 'link'));
  const machine = system([mount('fuse', 'fwctl-emu', join(scratch, 'real', 'd'))], 'alive');
  await assert.rejects(takeDirectory(join(scratch, 'link', 'd'), machine, log), /serves it already/);
});

test('no parent, a file, a full directory', async () => {
  await assert.rejects(
    takeDirectory(join(scratch, 'no', 'x'), system([]), log),
    /its parent .* is not there \(ENOENT\)/,
  );
  writeFileSync(join(scratch, 'file'), '');
  const refused = await takeDirectory(join(scratch, 'file'), system([]), log).catch((error: unknown) => error);
  assert.ok(refused instanceof CliError);
  assert.equal(refused.status, 1);
  await assert.rejects(takeDirectory(scratch, system([]), log), /it is not empty/);
  assert.ok(existsSync(join(scratch, 'file')));
});
