import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERRNO } from '../../../../src/abi/errno.ts';
import { attr, attrOut, OPCODE, setattrIn, statx, statxOut } from '../../../../src/abi/fuse.ts';
import { directory } from '../../../../src/transport/fuse/tree.ts';
import { words } from '../fake-native.ts';
import { device, ROOT, ServedTree } from './serve-tree.ts';

const MODE = 1;
const UID = 2;
const GID = 4;
const SIZE = 8;
const ATIME = 16;
const MTIME = 32;
const MTIME_NOW = 256;

interface Wanted {
  valid: number;
  mode?: number;
  uid?: number;
  gid?: number;
  atime?: [bigint, number];
  mtime?: [bigint, number];
}

function served() {
  const asked: number[] = [];
  const tree = new ServedTree(
    directory([
      ['fwctl0', device()],
      ['watched', device({ asked: (tid) => asked.push(tid) > 1 })],
      ['text', { kind: 'text', mode: 0o444, read: () => 'x' }],
    ]),
  );
  const set = (id: number, wanted: Wanted) => {
    const body = new Uint8Array(88);
    const view = new DataView(body.buffer);
    for (const name of ['valid', 'mode', 'uid', 'gid'] as const)
      view.setUint32(setattrIn[name], wanted[name] ?? 0, true);
    for (const name of ['atime', 'mtime'] as const) {
      const [seconds, nanoseconds] = wanted[name] ?? [0n, 0];
      view.setBigInt64(setattrIn[name], seconds, true);
      view.setUint32(setattrIn[`${name}nsec`], nanoseconds, true);
    }
    return tree.ask(OPCODE.SETATTR, id, body).error;
  };
  const get = (id: number) => {
    const { body } = tree.ask(OPCODE.GETATTR, id, words(0, 0, 0, 0));
    const time = (name: 'atime' | 'mtime' | 'ctime') =>
      [
        body.getBigInt64(attrOut.attr + attr[name], true),
        body.getUint32(attrOut.attr + attr[`${name}nsec`], true),
      ] as const;
    const word = (name: 'mode' | 'uid' | 'gid') => body.getUint32(attrOut.attr + attr[name], true);
    return {
      valid: body.getUint32(0, true),
      mode: word('mode').toString(8),
      owner: [word('uid'), word('gid')],
      atime: time('atime'),
      mtime: time('mtime'),
      ctime: time('ctime'),
    };
  };
  return { tree, set, get, asked };
}

describe('Attributes', () => {
  it('keeps mode, owner and times, to the nanosecond and before 1970', () => {
    const { tree, set, get } = served();
    const id = tree.id('fwctl0');
    assert.deepEqual([get(id).mode, get(id).owner], ['100600', [7, 8]]);
    const before = get(id);
    assert.equal(set(id, { valid: MODE | UID, mode: 0o104644, uid: 5 }), 0);
    assert.deepEqual([get(id).mode, get(id).owner], ['104644', [5, 8]]);
    assert.deepEqual([get(id).atime, get(id).mtime], [before.atime, before.mtime], 'a change of mode leaves these');
    assert.equal(
      set(id, { valid: GID | ATIME | MTIME, gid: 9, atime: [-3n, 1], mtime: [1_000_000_000n, 999_999_999] }),
      0,
    );
    assert.deepEqual(get(id).atime, [-3n, 1]);
    assert.deepEqual(get(id).mtime, [1_000_000_000n, 999_999_999]);
    assert.ok(get(id).ctime[0] >= before.ctime[0]);
    assert.equal(set(id, { valid: MTIME | MTIME_NOW }), 0);
    assert.deepEqual(get(id).mtime, get(id).ctime);
  });

  it('keeps them of a directory and of an attribute, whose mode then decides', () => {
    const { tree, set, get } = served();
    assert.equal(set(ROOT, { valid: MODE | UID, mode: 0o750, uid: 5 }), 0);
    assert.deepEqual([get(ROOT).mode, get(ROOT).owner], ['40750', [5, 0]]);
    const id = tree.id('text');
    const open = (flags: number) => tree.ask(OPCODE.OPEN, id, words(flags, 0)).error;
    assert.deepEqual([open(0), open(1)], [0, -ERRNO.EACCES]);
    assert.equal(set(id, { valid: MODE, mode: 0o200 }), 0);
    assert.deepEqual([open(0), open(1)], [-ERRNO.EACCES, 0]);
  });

  it('tells by statx(2) the same, and when a node was born', () => {
    const { tree, set } = served();
    const id = tree.id('fwctl0');
    assert.equal(set(id, { valid: MODE | MTIME, mode: 0o640, mtime: [5n, 6] }), 0);
    const of = (node: number) => tree.ask(OPCODE.STATX, node, words(0, 0, 0, 0, 0, 0xfff)).body;
    const at = statxOut.statx;
    const body = of(id);
    assert.equal(body.byteLength, statxOut.bytes);
    assert.equal(body.getUint32(at + statx.mask, true), 0xfff);
    assert.equal(body.getUint16(at + statx.mode, true), 0o100640);
    assert.deepEqual([body.getUint32(at + statx.uid, true), body.getUint32(at + statx.gid, true)], [7, 8]);
    assert.deepEqual([body.getBigInt64(at + statx.mtime, true), body.getUint32(at + statx.mtime + 8, true)], [5n, 6]);
    assert.ok(body.getBigInt64(at + statx.btime, true) > 1_700_000_000n);
    assert.equal(of(tree.id('text')).getUint32(at + statx.mask, true), 0x7ff, 'sysfs has no such time');
  });

  it('refuses a size of a node, takes it of an attribute and changes nothing', () => {
    const { tree, set } = served();
    assert.equal(set(tree.id('fwctl0'), { valid: SIZE }), -ERRNO.EINVAL);
    assert.equal(set(tree.id('text'), { valid: SIZE }), 0);
  });

  it('tells who looks up, opens or asks about a file that wants to know, and is asked again if that says so', () => {
    const { tree, get, asked } = served();
    const id = tree.id('watched');
    assert.deepEqual(asked, [process.pid], 'the look-up, whose attributes may be kept');
    assert.equal(get(id).valid, 0);
    assert.equal(tree.ask(OPCODE.OPEN, id, words(2, 0)).error, 0);
    assert.equal(asked.length, 3);
    assert.equal(get(tree.id('fwctl0')).valid, 1);
  });
});
