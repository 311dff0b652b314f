import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { describe, it } from 'node:test';
import type { Caller } from '../../../src/kernel/caller.ts';
import type { TreeNode } from '../../../src/transport/fuse/tree.ts';
import { ServedSysfs } from '../../../src/view/served-sysfs.ts';
import { directory, file, link, type NamedEntry } from '../../../src/view/sysfs-entry.ts';
import { ViewSysfs } from '../../../src/view/view-sysfs.ts';
import { connectx, sysfsOf } from './devices.ts';

const KINDS = { file: 'text', binary: 'bytes', directory: 'directory' } as const;

const caller = { tid: process.pid } as Caller;
const [first, second] = [connectx(0, '0000:00:0a.0'), connectx(1, '0000:00:0b.0')];

function at(sysfs: ServedSysfs, path: string): TreeNode | undefined {
  let node: TreeNode | undefined = sysfs.root;
  for (const name of path.split('/')) node = node?.kind === 'directory' ? node.entries.get(name) : undefined;
  return node;
}

function names(sysfs: ServedSysfs, path: string): string[] {
  const node = at(sysfs, path);
  assert.ok(node?.kind === 'directory', path);
  return [...node.entries.keys()].sort();
}

/** Where a link leads, below /sys. */
function follow(sysfs: ServedSysfs, path: string): string {
  const node = at(sysfs, path);
  assert.ok(node?.kind === 'link', path);
  return posix.join(posix.dirname(path), node.target(caller) ?? '');
}

describe('sysfs as it is served', () => {
  it('has every entry of a device, with mode, size, content and target', () => {
    const { served } = new ViewSysfs([first]);
    for (const entry of sysfsOf(first)) {
      const node = at(served, entry.path);
      if (entry.kind === 'link') assert.equal(node?.kind === 'link' && node.target(caller), entry.target, entry.path);
      else assert.equal(node?.kind, KINDS[entry.kind], entry.path);
      if (entry.kind === 'binary') assert.equal(node?.kind === 'bytes' && node.size, 256);
      if (entry.kind !== 'file' || node?.kind !== 'text') continue;
      assert.equal(node.mode, entry.mode, entry.path);
      assert.equal(node.size, 4096, entry.path);
      if (entry.fails !== undefined) assert.throws(() => node.read(), { name: 'EIO' });
      // the machine's own processors
      else if (!/local_cpu/.test(entry.path)) assert.deepEqual(node.read(), entry.content, entry.path);
    }
  });

  it('lists what it finds, and finds what it lists, in every directory, the same node each time', () => {
    const { served } = new ViewSysfs([first, second]);
    const walk = (path: string): number =>
      names(served, path).reduce((count, name) => {
        const node = at(served, `${path}/${name}`);
        assert.ok(node, `${path}/${name}`);
        assert.equal(at(served, `${path}/${name}`), node);
        return count + 1 + (node.kind === 'directory' ? walk(`${path}/${name}`) : 0);
      }, 0);
    assert.ok(['devices', 'bus', 'class'].reduce((count, top) => count + walk(top), 0) > 100);
  });

  it('follows plug and unplug: drivers stay, devices come and go apart from each other', () => {
    const sysfs = new ViewSysfs([first, second]);
    const { served } = sysfs;
    sysfs.remove(first);
    assert.deepEqual(names(served, 'class/fwctl'), ['fwctl1']);
    assert.deepEqual(names(served, 'devices/pci0000:00'), ['0000:00:0b.0']);
    assert.deepEqual(names(served, 'bus/pci/devices'), ['0000:00:0b.0']);
    assert.deepEqual(names(served, 'bus/auxiliary/drivers/mlx5_fwctl.mlx5_fwctl'), [
      'bind',
      'mlx5_core.fwctl.1',
      'uevent',
      'unbind',
    ]);
    sysfs.remove(first); // twice is no error
    sysfs.remove(second);
    assert.deepEqual(names(served, 'class/fwctl'), []);
    assert.equal(at(served, 'bus/pci/drivers/mlx5_core/bind')?.kind, 'text');
    const moved = connectx(0, '0000:80:0c.0');
    sysfs.add(moved);
    assert.equal(follow(served, 'class/fwctl/fwctl0'), 'devices/pci0000:80/0000:80:0c.0/fwctl/fwctl0');
    assert.equal(at(served, follow(served, 'class/fwctl/fwctl0'))?.kind, 'directory');
  });

  it('enters a device when somebody looks: nothing is to be seen of when that is', () => {
    const look = (sysfs: ViewSysfs) =>
      ['class/fwctl', 'devices/pci0000:00', 'bus/pci/devices', 'dev/char'].map((path) => names(sysfs.served, path));
    const eager = new ViewSysfs([first]);
    look(eager);
    eager.add(second);
    const [before, after] = [new ViewSysfs([first, second]), new ViewSysfs([first, second])];
    assert.ok(before.served.owns('class/fwctl/fwctl1') && !before.served.owns('class/fwctl/fwctl2'));
    assert.ok(!before.served.owns('class/net/fwctl1'), 'by its path, not its name alone');
    assert.deepEqual(look(before), look(eager));
    assert.equal(follow(after.served, 'class/fwctl/fwctl1'), 'devices/pci0000:00/0000:00:0b.0/fwctl/fwctl1');
    after.remove(second);
    after.add(second);
    after.remove(second); // before anybody has looked
    assert.deepEqual(names(after.served, 'class/fwctl'), ['fwctl0']);
  });

  it('leaves nothing behind open attributes and directories of an unplugged device', () => {
    const sysfs = new ViewSysfs([first]);
    const held = at(sysfs.served, 'devices/pci0000:00/0000:00:0a.0');
    const vendor = at(sysfs.served, 'devices/pci0000:00/0000:00:0a.0/vendor');
    assert.ok(vendor?.kind === 'text' && held?.kind === 'directory');
    assert.equal(vendor.read(), '0x15b3\n');
    sysfs.remove(first);
    assert.throws(() => vendor.read(), { name: 'ENODEV' });
    assert.deepEqual([...held.entries.keys()], []);
  });
});

describe('how much of it is made', () => {
  const FILES = 300;
  let made = 0;
  /** A device with two directories of many files. */
  const device = (index: number) => () => {
    const files = (): NamedEntry[] => {
      made += FILES;
      return Array.from({ length: FILES }, (_, i) => [`file${i}`, file(0o444, `${i}\n`)]);
    };
    const entries = (): NamedEntry[] => [
      ['one', directory(files)],
      ['two', directory(files)],
    ];
    const bus = 'devices/pci0000:00';
    return [
      [bus, `device${index}`, directory(entries)],
      ['class/fwctl', `fwctl${index}`, link(`${bus}/device${index}`)],
    ] as const;
  };

  it('is nothing at the start of 4096 devices, a directory at a look-up, and nothing of the others', () => {
    const sysfs = new ServedSysfs();
    for (let index = 0; index < 4096; index++) {
      const topNames = () => [`device${index}`, `fwctl${index}`];
      sysfs.add(`fwctl${index}`, { tops: device(index), topNames }, index === 0);
    }
    assert.equal(made, 0);
    assert.equal(names(sysfs, 'class/fwctl').length, 4096);
    assert.equal(names(sysfs, 'devices/pci0000:00').length, 4096);
    assert.equal(at(sysfs, follow(sysfs, 'class/fwctl/fwctl7'))?.kind, 'directory');
    assert.equal(made, 0, 'listing directories that devices share makes none of theirs');
    assert.equal(at(sysfs, 'devices/pci0000:00/device7/one/file3')?.kind, 'text');
    assert.equal(made, FILES, 'of the one directory');
    at(sysfs, 'devices/pci0000:00/device7/one/file4');
    assert.equal(made, FILES, 'once');
    for (let index = 0; index < 4096; index++) sysfs.remove(`fwctl${index}`);
    assert.deepEqual(names(sysfs, 'class/fwctl'), []);
    assert.equal(made, FILES, 'nothing to take devices out');
  });
});

describe('names that are late', () => {
  let calls = 0;
  const source = (index: number) => ({
    tops: () => [['class/fwctl', `fwctl${index}`, link('devices')] as const],
    topNames: () => [`fwctl${index}`],
    late() {
      calls++;
      return [
        ['class/net', `net${index}`, link(`devices/${index}`)],
        ['class/other', `other${index}`, link('devices')],
      ] as const;
    },
  });

  it('are asked for when the directory is, and come and go with their devices from then on', () => {
    const sysfs = new ServedSysfs();
    const machine = new Map<string, TreeNode>([['lo', { kind: 'link', target: () => '../lo' }]]);
    sysfs.latePlace('class/net').beside = machine;
    for (const index of [0, 1]) sysfs.add(`fwctl${index}`, source(index), true);
    sysfs.remove('fwctl1');
    assert.equal(names(sysfs, 'class/fwctl').length, 1);
    assert.equal(calls, 0, 'nobody has looked');
    assert.deepEqual(names(sysfs, 'class/net'), ['lo', 'net0']);
    assert.equal(follow(sysfs, 'class/net/net0'), 'devices/0');
    sysfs.add('fwctl2', source(2), false);
    assert.deepEqual(names(sysfs, 'class/net'), ['lo', 'net0', 'net2']);
    sysfs.remove('fwctl0');
    assert.deepEqual(names(sysfs, 'class/net'), ['lo', 'net2']);
    assert.equal(at(sysfs, 'class/other'), undefined, 'a directory that nobody has made');
  });

  it('are there for who asks by name, or whether it is taken', () => {
    const sysfs = new ServedSysfs();
    sysfs.latePlace('class/net');
    sysfs.add('fwctl0', source(0), false);
    assert.equal(sysfs.owns('class/net/net0'), true);
    assert.equal(at(sysfs, 'class/net/net0')?.kind, 'link');
    assert.equal(at(sysfs, 'class/net/net1'), undefined);
  });
});
