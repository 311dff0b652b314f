/** Directories with their parents; and where none can be made, the kernel's errno instead of an endless look. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeDirectories } from '../../../../src/host/machine/make-directories.ts';

const scratch = mkdtempSync(join(tmpdir(), 'fwctl-directories-'));
after(() => rmSync(scratch, { recursive: true }));

test('parents are made too, with the mode; what is there stays', () => {
  const path = join(scratch, 'a/b/c');
  assert.equal(makeDirectories(path, 0o700), true);
  for (const made of ['a', 'a/b', 'a/b/c']) assert.equal(statSync(join(scratch, made)).mode & 0o777, 0o700);
  assert.equal(makeDirectories(path, 0o755), false);
  assert.equal(statSync(path).mode & 0o777, 0o700);
});

test('what is no directory, or may have none, is refused as mkdir(2) does', () => {
  writeFileSync(join(scratch, 'file'), '');
  assert.throws(() => makeDirectories(join(scratch, 'file'), 0o700), { code: 'EEXIST' });
  assert.throws(() => makeDirectories(join(scratch, 'file/below'), 0o700), { code: 'ENOTDIR' });
  assert.throws(() => makeDirectories('/proc/fwctl-emu', 0o700), { code: 'ENOENT' });
  assert.throws(() => makeDirectories('/proc/fwctl-emu/below', 0o700), { code: 'ENOENT' });
});
