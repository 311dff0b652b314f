import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { TaintFile } from '../../../src/view/tainted.ts';

describe('TaintFile', () => {
  let root = '';
  before(() => {
    root = mkdtempSync(`${tmpdir()}/tainted-`);
  });
  after(() => rmSync(root, { recursive: true }));

  it('starts at 0 and is rewritten in the same inode, never longer than its value', () => {
    const path = `${root}/tainted`;
    const taint = new TaintFile(path);
    const { ino, mode } = statSync(path);
    assert.equal(mode & 0o7777, 0o644);
    assert.equal(readFileSync(path, 'utf8'), '0\n');
    taint.write(524288);
    assert.equal(readFileSync(path, 'utf8'), '524288\n');
    taint.write(1n);
    assert.equal(readFileSync(path, 'utf8'), '1\n');
    assert.equal(statSync(path).ino, ino);
  });
});
