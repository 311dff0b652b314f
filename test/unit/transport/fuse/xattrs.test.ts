import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERRNO } from '../../../../src/abi/errno.ts';
import {
  attr,
  attrOut,
  FUSE_ABORT_ERROR,
  FUSE_ATOMIC_O_TRUNC,
  FUSE_INIT_EXT,
  FUSE_POSIX_ACL,
  initOut,
  OPCODE,
} from '../../../../src/abi/fuse.ts';
import { directory } from '../../../../src/transport/fuse/tree.ts';
import { words } from '../fake-native.ts';
import { device, ROOT, ServedTree } from './serve-tree.ts';

const ACL = 'system.posix_acl_access';
const [CREATE, REPLACE] = [1, 2];
const bytes = (text: string) => new TextEncoder().encode(text);

/** A list: [tag, permissions, id] each. */
function acl(...rows: [number, number, number?][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 + rows.length * 8));
  view.setUint32(0, 2, true);
  rows.forEach(([tag, permissions, id = 0xffffffff], i) => {
    view.setUint16(4 + i * 8, tag, true);
    view.setUint16(6 + i * 8, permissions, true);
    view.setUint32(8 + i * 8, id, true);
  });
  return new Uint8Array(view.buffer);
}

/** u::6, u:65534:6, g::0, m::6, o::0 */
const FOR_NOBODY = acl([1, 6], [2, 6, 65534], [4, 0], [0x10, 6], [0x20, 0]);

function served() {
  const tree = new ServedTree(
    directory([
      ['fwctl0', device()],
      ['text', { kind: 'text', mode: 0o444, read: () => 'x' }],
    ]),
  );
  const set = (id: number, name: string, value: Uint8Array, flags = 0) =>
    tree.ask(OPCODE.SETXATTR, id, words(value.length, flags), name, value).error;
  const get = (id: number, name: string, room = 4096) => {
    const { error, body } = tree.ask(OPCODE.GETXATTR, id, words(room, 0), name);
    return error === 0 ? new Uint8Array(body.buffer, body.byteOffset) : error;
  };
  const list = (id: number, room = 4096) => {
    const { error, body } = tree.ask(OPCODE.LISTXATTR, id, words(room, 0));
    return error === 0 ? new TextDecoder().decode(body) : error;
  };
  const mode = (id: number) =>
    tree.ask(OPCODE.GETATTR, id, words(0, 0, 0, 0)).body.getUint32(attrOut.attr + attr.mode, true) & 0o7777;
  const chmod = (id: number, bits: number) => {
    const body = new Uint8Array(88);
    new DataView(body.buffer).setUint32(0, 1, true);
    new DataView(body.buffer).setUint32(68, bits, true);
    assert.equal(tree.ask(OPCODE.SETATTR, id, body).error, 0);
  };
  return {
    tree,
    set,
    get,
    list,
    mode,
    chmod,
    remove: (id: number, name: string) => tree.ask(OPCODE.REMOVEXATTR, id, name).error,
  };
}

describe('Xattrs', () => {
  it('are asked for by the kernel when it judges an open', () => {
    const { tree } = served();
    const { body } = tree.ask(OPCODE.INIT, 0, words(7, 38, 0, 0xffffffff));
    const wanted = FUSE_ATOMIC_O_TRUNC | FUSE_POSIX_ACL | FUSE_ABORT_ERROR | FUSE_INIT_EXT;
    assert.equal(body.getUint32(initOut.flags, true), wanted >>> 0);
  });

  it('keep trusted. and security. of any node, with the flags and sizes of setxattr(2)', () => {
    const { tree, set, get, list, remove } = served();
    for (const id of [ROOT, tree.id('fwctl0'), tree.id('text')]) {
      assert.equal(get(id, 'security.a'), -ERRNO.ENODATA);
      assert.equal(set(id, 'security.a', bytes('x'), REPLACE), -ERRNO.ENODATA);
      assert.equal(set(id, 'security.b', bytes('two')), 0);
      assert.equal(set(id, 'security.a', bytes('')), 0, 'an empty value is one');
      assert.equal(set(id, 'security.a', bytes('y'), CREATE), -ERRNO.EEXIST);
      assert.deepEqual(get(id, 'security.b'), bytes('two'));
      assert.equal(get(id, 'security.b', 2), -ERRNO.ERANGE);
      assert.deepEqual(get(id, 'security.b', 0), words(3, 0), 'the size alone');
      assert.equal(list(id), 'security.b\0security.a\0');
      assert.equal(list(id, 5), -ERRNO.ERANGE);
      assert.equal(remove(id, 'security.b'), 0);
      assert.equal(remove(id, 'security.b'), -ERRNO.ENODATA);
    }
    assert.deepEqual(tree.bugs, []);
  });

  it('show trusted. to nobody who may not see it', () => {
    const { tree, set, list } = served();
    const id = tree.id('fwctl0');
    assert.equal(set(id, 'trusted.a', bytes('x')), 0);
    assert.equal(list(id), '', 'user:[1] is nobody here, so that no caller has CAP_SYS_ADMIN in it');
  });

  it('are none of user., of names without a kind, nor lists in sysfs', () => {
    const { tree, set, get } = served();
    const [node, text] = [tree.id('fwctl0'), tree.id('text')];
    assert.equal(set(node, 'user.a', bytes('x')), -ERRNO.EPERM);
    assert.equal(get(node, 'user.a'), -ERRNO.ENODATA);
    assert.equal(set(text, 'user.a', bytes('x')), -ERRNO.EOPNOTSUPP);
    assert.equal(set(node, 'system.a', bytes('x')), -ERRNO.EOPNOTSUPP);
    assert.equal(get(node, 'plain'), -ERRNO.EOPNOTSUPP);
    assert.equal(get(node, 'security.'), -ERRNO.EINVAL);
    assert.equal(set(node, 'trusted.', bytes('x')), -ERRNO.EINVAL);
    assert.equal(set(text, ACL, FOR_NOBODY), -ERRNO.EOPNOTSUPP);
    assert.equal(get(text, ACL), -ERRNO.ENODATA, 'the kernel asks before it lets anybody in');
  });

  it('end at a bound', () => {
    const { tree, set } = served();
    const id = tree.id('fwctl0');
    const answers = Array.from({ length: 20 }, (_, n) => set(id, `trusted.${n}`, new Uint8Array(65536)));
    assert.deepEqual([...new Set(answers)], [0, -ERRNO.ENOSPC]);
  });

  it('an access control list makes the mode, chmod the list', () => {
    const { tree, set, get, mode, chmod, list, remove } = served();
    const id = tree.id('fwctl0');
    assert.equal(set(id, ACL, FOR_NOBODY), 0);
    assert.equal(mode(id), 0o660, 'the mask stands for the group');
    assert.deepEqual(get(id, ACL), FOR_NOBODY);
    assert.equal(set(id, 'security.a', bytes('x')), 0);
    assert.equal(list(id), `${ACL}\0security.a\0`);
    chmod(id, 0o604);
    assert.deepEqual(get(id, ACL), acl([1, 6], [2, 6, 65534], [4, 0], [0x10, 0], [0x20, 4]));
    assert.equal(remove(id, ACL), 0);
    assert.equal(get(id, ACL), -ERRNO.ENODATA);
    assert.equal(remove(id, ACL), 0, 'as posix_acl_xattr_set() has it');
    assert.equal(mode(id), 0o604);
  });

  it('a list that says what a mode can say is kept as the mode', () => {
    const { tree, set, get, mode } = served();
    const id = tree.id('fwctl0');
    assert.equal(set(id, ACL, FOR_NOBODY), 0);
    assert.equal(set(id, ACL, acl([1, 7], [4, 5], [0x20, 1])), 0);
    assert.equal(mode(id), 0o751);
    assert.equal(get(id, ACL), -ERRNO.ENODATA);
  });
});
