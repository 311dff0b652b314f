import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Caller } from '../../../src/kernel/caller.ts';
import type { DirectoryNode, TreeNode } from '../../../src/transport/fuse/tree.ts';
import type { ViewDevice } from '../../../src/view/view-device.ts';
import { ViewSysfs } from '../../../src/view/view-sysfs.ts';
import { procOpenFiles, viewTree } from '../../../src/view/view-tree.ts';
import { connectx, iommufd } from './devices.ts';

const caller = { tid: process.pid } as Caller;
const [first, second] = [connectx(0, '0000:00:0a.0'), connectx(1, '0000:00:0b.0')];

function make(open: readonly (readonly [number, string])[], owner?: { uid: number; gid: number }) {
  const devices = [first, second];
  const sysfs = new ViewSysfs(devices);
  sysfs.char.beside = new Map<string, TreeNode>([
    ['1:3', { kind: 'link', target: () => '../../devices/virtual/mem/null' }],
    ['0:0', { kind: 'link', target: () => 'of an outer view' }],
  ]);
  const tree = viewTree({ devices, sysfs, owner, openFiles: () => open });
  return {
    root: tree.root,
    add(device: ViewDevice) {
      sysfs.add(device);
      tree.add(device);
    },
    remove(device: ViewDevice) {
      tree.remove(device);
      sysfs.remove(device);
    },
  };
}

it('has in char, as udev makes them, a link for each node that there is now', () => {
  const tree = make([]);
  const target = (name: string) => {
    const node = at(tree.root, `char/${name}`);
    return node?.kind === 'link' ? node.target(caller) : undefined;
  };
  assert.deepEqual(
    [target('252:0'), target('252:1'), target('252:2')],
    ['../fwctl/fwctl0', '../fwctl/fwctl1', undefined],
  );
  assert.equal(at(tree.root, 'char/252:0'), at(tree.root, 'char/252:0'), 'the same node each time');
  tree.remove(first);
  assert.equal(target('252:0'), undefined);
  tree.add(first);
  assert.equal(target('252:0'), '../fwctl/fwctl0');
  const char = at(tree.root, 'char');
  assert.ok(char?.kind === 'directory' && [...char.entries.keys()].includes('252:1'));
});

function at(root: DirectoryNode, path: string): TreeNode | undefined {
  return path
    .split('/')
    .reduce<TreeNode | undefined>(
      (node, name) => (node?.kind === 'directory' ? node.entries.get(name) : undefined),
      root,
    );
}

function linkOf(root: DirectoryNode, path: string): string | undefined {
  const node = at(root, path);
  assert.ok(node?.kind === 'link', path);
  return node.target(caller);
}

describe('viewTree', () => {
  it('shows nodes with the owner and mode of the configuration, or with the one owner of a user namespace', () => {
    const node = at(make([]).root, 'fwctl/fwctl1');
    assert.ok(node?.kind === 'device');
    assert.deepEqual([node.mode, node.uid, node.gid], [0o600, 0, 0]);
    const mapped = at(make([], { uid: 1000, gid: 100 }).root, 'fwctl/fwctl1');
    assert.ok(mapped?.kind === 'device');
    assert.deepEqual([mapped.mode, mapped.uid, mapped.gid], [0o600, 1000, 100]);
  });

  it('keeps the real char links and adds those of the devices', () => {
    const { root } = make([]);
    assert.equal(linkOf(root, 'sys/dev/char/1:3'), '../../devices/virtual/mem/null');
    assert.equal(linkOf(root, 'sys/dev/char/252:1'), '../../devices/pci0000:00/0000:00:0b.0/fwctl/fwctl1');
    const char = at(root, 'sys/dev/char');
    assert.ok(char?.kind === 'directory');
    assert.deepEqual([...char.entries.keys()].sort(), ['0:0', '1:3', '252:0', '252:1']);
  });

  it('answers 0:0 by what the caller has open, the highest descriptor first; nothing when it has none', () => {
    assert.equal(linkOf(make([]).root, 'sys/dev/char/0:0'), undefined);
    assert.equal(
      linkOf(
        make([
          [3, '/dev/null'],
          [4, '/dev/fwctl/fwctl0/x'],
          [5, '/dev/fwctl/fwctl9'],
        ]).root,
        'sys/dev/char/0:0',
      ),
      undefined,
    );
    const both = make([
      [7, '/dev/fwctl/fwctl1'],
      [3, '/dev/fwctl/fwctl0'],
      [8, 'pipe:[1]'],
    ]);
    assert.equal(linkOf(both.root, 'sys/dev/char/0:0'), '../../devices/pci0000:00/0000:00:0b.0/fwctl/fwctl1');
  });

  it('answers 0:0 by what the caller opened or asked about last, before what it has open', () => {
    const { root } = make([[7, '/dev/fwctl/fwctl1']]);
    const asked = (name: string) => {
      const node = at(root, `fwctl/${name}`);
      assert.ok(node?.kind === 'device' && node.asked !== undefined);
      assert.equal(node.asked(process.pid), true, 'of several, the kernel is to ask again');
    };
    for (const name of ['fwctl0', 'fwctl1', 'fwctl0']) {
      asked(name);
      assert.match(linkOf(root, 'sys/dev/char/0:0') ?? '', new RegExp(`/${name}$`));
    }
  });

  it('answers 0:0 by what is open when what was asked about is unplugged', () => {
    const tree = make([[7, '/dev/fwctl/fwctl1']]);
    const node = at(tree.root, 'fwctl/fwctl0');
    assert.ok(node?.kind === 'device');
    node.asked?.(process.pid);
    tree.remove(first);
    assert.match(linkOf(tree.root, 'sys/dev/char/0:0') ?? '', /\/fwctl1$/);
    const left = at(tree.root, 'fwctl/fwctl1');
    assert.equal(left?.kind === 'device' && left.asked?.(process.pid), false, 'of one it need not');
  });

  it('follows plug and unplug', () => {
    const tree = make([[3, '/dev/fwctl/fwctl1']]);
    tree.remove(second);
    assert.equal(at(tree.root, 'fwctl/fwctl1'), undefined);
    assert.equal(at(tree.root, 'sys/dev/char/252:1'), undefined);
    assert.equal(linkOf(tree.root, 'sys/dev/char/0:0'), undefined, 'an unplugged device has no sysfs entry to name');
    tree.add(connectx(1, '0000:00:0c.0'));
    assert.equal(linkOf(tree.root, 'sys/dev/char/0:0'), '../../devices/pci0000:00/0000:00:0c.0/fwctl/fwctl1');
  });
});

describe('nodes that are in no directory of fwctl', () => {
  it('stand apart, and are found by their own paths', () => {
    const devices = [iommufd(), first];
    const { root } = viewTree({
      devices,
      sysfs: new ViewSysfs(devices),
      owner: undefined,
      openFiles: () => [[3, '/dev/vfio/vfio']],
    });
    const node = at(root, 'nodes/iommu');
    assert.ok(node?.kind === 'device');
    assert.equal(node.mode, 0o660);
    assert.equal(at(root, 'nodes/vfio.vfio')?.kind, 'device');
    const fwctl = at(root, 'fwctl');
    assert.deepEqual(fwctl?.kind === 'directory' && [...fwctl.entries.keys()], ['fwctl0']);
    assert.equal(linkOf(root, 'sys/dev/char/10:256'), '../../devices/virtual/misc/iommu');
    assert.equal(linkOf(root, 'sys/dev/char/0:0'), '../../devices/virtual/misc/vfio');
  });
});

describe('procOpenFiles', () => {
  it('names what a process has open, and nothing for one that is gone', () => {
    const fd = openSync('/dev/null', 'r');
    try {
      assert.ok([...procOpenFiles(caller)].some(([number, path]) => number === fd && path === '/dev/null'));
      assert.deepEqual([...procOpenFiles({ tid: 0 } as Caller)], []);
    } finally {
      closeSync(fd);
    }
  });
});
