/** open(2)'s flags in words, of both processors on any. */
import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { test } from 'node:test';
import { openFlagsText } from '../../../../../src/host/interceptors/trace/open-flags.ts';

test('each processor has flags of its own; O_LARGEFILE is not shown', () => {
  const rows: readonly (readonly [number, x64: string, arm64: string])[] = [
    [0, 'O_RDONLY', 'O_RDONLY'],
    [2, 'O_RDWR', 'O_RDWR'],
    [3, 'O_ACCMODE', 'O_ACCMODE'],
    [0o4001, 'O_WRONLY|O_NONBLOCK', 'O_WRONLY|O_NONBLOCK'],
    [0o100002, 'O_RDWR', 'O_RDWR|O_NOFOLLOW'],
    [0o400002, 'O_RDWR|O_NOFOLLOW', 'O_RDWR'],
    [0o40002, 'O_RDWR|O_DIRECT', 'O_RDWR|O_DIRECTORY'],
    [0o200002, 'O_RDWR|O_DIRECTORY', 'O_RDWR|O_DIRECT'],
    [0o2100000, 'O_RDONLY|O_CLOEXEC', 'O_RDONLY|O_CLOEXEC|O_NOFOLLOW'],
    [0o4010002, 'O_RDWR|O_SYNC', 'O_RDWR|O_SYNC'],
    [0o10002, 'O_RDWR|O_DSYNC', 'O_RDWR|O_DSYNC'],
    [0x80000002, 'O_RDWR|0x80000000', 'O_RDWR|0x80000000'],
  ];
  for (const [flags, x64, arm64] of rows) {
    assert.equal(openFlagsText(flags, 'x64'), x64, flags.toString(8));
    assert.equal(openFlagsText(flags, 'arm64'), arm64, flags.toString(8));
  }
});

test('the flags of this processor have the names that Node gives them', () => {
  const { O_RDWR } = constants;
  for (const name of [
    'O_DIRECT',
    'O_DIRECTORY',
    'O_NOFOLLOW',
    'O_NONBLOCK',
    'O_SYNC',
    'O_NOATIME',
    'O_APPEND',
  ] as const)
    assert.equal(openFlagsText(O_RDWR | constants[name]), `O_RDWR|${name}`);
});
