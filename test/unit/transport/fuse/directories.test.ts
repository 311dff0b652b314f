import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERRNO } from '../../../../src/abi/errno.ts';
import { OPCODE } from '../../../../src/abi/fuse.ts';
import { directory } from '../../../../src/transport/fuse/tree.ts';
import { words } from '../fake-native.ts';
import { device, ROOT, ServedTree } from './serve-tree.ts';

/** `count` devices, fwctl0 and up. */
function served(count: number) {
  const root = directory(Array.from({ length: count }, (_, n) => [`fwctl${n}`, device()] as const));
  return { root, tree: new ServedTree(root) };
}

/** All that a reader gets from a place on, page by page. */
function rest(tree: ServedTree, handle: number, from = 0, size = 4096): string[] {
  const names: string[] = [];
  for (let place = from; ; ) {
    const page = tree.readdir(handle, place, size);
    names.push(...page.map(({ name }) => name));
    const last = page.at(-1);
    if (last === undefined) return names;
    place = last.next;
  }
}

const devices = (...numbers: number[]) => numbers.map((n) => `fwctl${n}`);
const upTo = (count: number) => devices(...Array.from({ length: count }, (_, n) => n));

describe('Directories', () => {
  it('gives each reader its own listing, whatever another reads meanwhile', () => {
    const { root, tree } = served(300);
    const [one, other] = [tree.opendir(), tree.opendir()];
    const page = tree.readdir(one, 0);
    assert.ok(page.length > 8 && page.length < 300);
    for (const name of devices(5, 7)) root.entries.delete(name);
    assert.equal(rest(tree, other).length, 300);
    const all = [...page.map(({ name }) => name), ...rest(tree, one, page.at(-1)?.next)];
    assert.deepEqual(all, ['.', '..', ...upTo(300)], 'what was read before it went was there');
  });

  it('leaves out what has gone, and what came since the start, until it is rewound', () => {
    const { root, tree } = served(4);
    const handle = tree.opendir();
    const [, second] = tree.readdir(handle, 0, 70);
    root.entries.delete('fwctl2');
    root.entries.set('fwctl9', device());
    assert.deepEqual(rest(tree, handle, second?.next), devices(0, 1, 3));
    assert.deepEqual(rest(tree, handle), ['.', '..', ...devices(0, 1, 3, 9)]);
  });

  it('keeps places: telldir and seekdir, also back from the end, and to nowhere', () => {
    const { root, tree } = served(6);
    const handle = tree.opendir();
    const places = tree.readdir(handle, 0);
    assert.deepEqual(rest(tree, handle, places.at(-1)?.next), []);
    root.entries.delete('fwctl0');
    assert.deepEqual(rest(tree, handle, places[5]?.next), devices(4, 5));
    assert.deepEqual(rest(tree, handle, 1000), []);
    assert.deepEqual(rest(tree, handle, 2 ** 32), [], 'all 64 bits of a place count');
  });

  it('gives a descriptor that is read from the middle first what there is', () => {
    const { tree } = served(3);
    assert.deepEqual(rest(tree, tree.opendir(), 3), devices(1, 2));
  });

  it('gives every device once, in pages of any size', () => {
    const { tree } = served(4096);
    for (const size of [40, 100, 4096, 1 << 20]) {
      assert.deepEqual(rest(tree, tree.opendir(), 0, size), ['.', '..', ...upTo(4096)]);
    }
    assert.deepEqual(tree.readdir(tree.opendir(), 0, 10), [], 'no room for one: nothing');
  });

  it('shows a caller the links that lead it somewhere', () => {
    const root = directory([
      ['0:0', { kind: 'link', target: () => undefined }],
      ['1:3', { kind: 'link', target: () => 'null' }],
    ]);
    const tree = new ServedTree(root);
    assert.deepEqual(rest(tree, tree.opendir()), ['.', '..', '1:3']);
  });

  it('lists the dots of a directory that was emptied and taken out', () => {
    const below = directory([['x', device()]]);
    const root = directory([['below', below]]);
    const tree = new ServedTree(root);
    const id = tree.id('below');
    const handle = tree.opendir(id);
    root.entries.delete('below');
    below.entries.clear();
    assert.deepEqual(
      tree.readdir(handle, 0, 4096, id).map(({ name }) => name),
      ['.', '..'],
    );
  });

  it('refuses a handle that is closed or was never open, and a file', () => {
    const { tree } = served(1);
    const handle = tree.opendir();
    const read = (id: number, fh: number) =>
      tree.ask(OPCODE.READDIR, id, words(fh, 0, 0, 0, 4096, 0, 0, 0, 0, 0)).error;
    assert.equal(read(ROOT, handle + 1), -ERRNO.EBADF);
    assert.equal(tree.ask(OPCODE.RELEASEDIR, ROOT, words(handle, 0, 0, 0, 0, 0)).error, 0);
    assert.equal(read(ROOT, handle), -ERRNO.EBADF);
    assert.equal(read(tree.id('fwctl0'), tree.opendir()), -ERRNO.ENOTDIR);
    assert.deepEqual(tree.bugs, []);
  });
});
