import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { linkText } from '../../../src/view/sysfs-entry.ts';
import { connectx, iommufd, REPOSITORY, sysfsOf } from './devices.ts';

interface GoldenRow {
  readonly path: string;
  readonly type: 'dir' | 'link' | 'file' | 'chr';
  readonly mode: string;
  readonly to?: string;
  readonly text?: string;
}

/** What a real kernel's sysfs showed for a device whose ids were 15b3:101b, subsystem 15b3:0008, one processor. */
const golden = readFileSync(`${REPOSITORY}test/golden/fwctl/mainline/sysfs.jsonl`, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as GoldenRow)
  .filter((row) => row.path?.startsWith('/sys/') && !/fwctl[123]|fwctl\.1|fwmock/.test(row.path));

/** Of subsystems and drivers: they are there before the first device. */
const DIRECTORIES = new Set(
  ['class/fwctl', 'bus/auxiliary/drivers', 'bus/auxiliary/drivers/mlx5_fwctl.mlx5_fwctl'].map((path) => `/sys/${path}`),
);

const device = connectx(0, '0000:00:0a.0', {
  identity: {
    vendor: 0x15b3,
    device: 0x101b,
    subsystemVendor: 0x15b3,
    subsystemDevice: 8,
    revision: 0,
    classCode: 0x020000,
  },
});
const entries = sysfsOf(device);

describe('sysfs of a device', () => {
  it('has every entry of the real one, with its type, mode, link text and content', () => {
    const made = new Map(entries.map((entry) => [`/sys/${entry.path}`, entry]));
    for (const row of golden.filter(({ path }) => !DIRECTORIES.has(path))) {
      const entry = made.get(row.path);
      assert.ok(entry, row.path);
      if (row.type === 'link') assert.equal(entry.kind === 'link' && entry.target, row.to, row.path);
      if (row.type === 'dir') assert.equal(entry.kind, 'directory', row.path);
      if (row.type !== 'file') continue;
      assert.ok(entry.kind === 'file' || entry.kind === 'binary', row.path);
      assert.equal(entry.mode, Number.parseInt(row.mode, 8), row.path);
      if (entry.kind === 'binary') assert.equal(entry.size, 256, row.path);
      else assert.equal(entry.content, row.text ?? '', row.path);
    }
  });

  it('has nothing more below the fwctl device than the real one', () => {
    const below = '/sys/devices/pci0000:00/0000:00:0a.0/fwctl/';
    assert.deepEqual(
      entries
        .map(({ path }) => `/sys/${path}`)
        .filter((path) => path.startsWith(below))
        .sort(),
      golden
        .map(({ path }) => path)
        .filter((path) => path.startsWith(below))
        .sort(),
    );
  });

  it('leads by every link to something that is there', () => {
    const there = new Set(entries.map(({ path }) => path));
    for (const top of ['class/fwctl', 'bus/pci', 'bus/auxiliary', 'bus/pci/drivers/mlx5_core']) there.add(top);
    there.add('bus/auxiliary/drivers/mlx5_fwctl.mlx5_fwctl');
    for (const entry of entries) {
      if (entry.kind === 'link') assert.ok(there.has(join(dirname(entry.path), entry.target)), entry.path);
    }
  });

  it('leaves the auxiliary bus alone for a driver without an auxiliary device', () => {
    const raw = connectx(2, '0000:00:0c.0', { auxiliary: undefined, driver: 'raw' });
    const paths = sysfsOf(raw).map(({ path }) => path);
    assert.equal(
      paths.some((path) => path.includes('auxiliary')),
      false,
    );
    assert.ok(paths.includes('bus/pci/drivers/raw/0000:00:0c.0'));
  });
});

describe('sysfs of devices on no bus', () => {
  const device = iommufd();
  const made = sysfsOf(device);
  const paths = made.map(({ path }) => path);
  const content = (path: string) => made.find((entry) => entry.path === path && entry.kind === 'file');

  it('is what Linux 6.12 shows of iommu and vfio', () => {
    assert.deepEqual(
      made.flatMap((entry) => (entry.kind === 'link' ? `${entry.path} -> ${entry.target}` : [])).sort(),
      [
        'devices/virtual/misc/iommu/subsystem -> ../../../../class/misc',
        'devices/virtual/misc/vfio/subsystem -> ../../../../class/misc',
        'class/misc/iommu -> ../../devices/virtual/misc/iommu',
        'class/misc/vfio -> ../../devices/virtual/misc/vfio',
        'dev/char/10:256 -> ../../devices/virtual/misc/iommu',
        'dev/char/10:196 -> ../../devices/virtual/misc/vfio',
      ].sort(),
    );
    assert.deepEqual(content('devices/virtual/misc/iommu/dev'), {
      kind: 'file',
      path: 'devices/virtual/misc/iommu/dev',
      mode: 0o444,
      content: '10:256\n',
    });
    assert.deepEqual(content('devices/virtual/misc/iommu/uevent'), {
      kind: 'file',
      path: 'devices/virtual/misc/iommu/uevent',
      mode: 0o644,
      content: 'MAJOR=10\nMINOR=256\nDEVNAME=iommu\nDEVMODE=0660\n',
    });
    const vfio = content('devices/virtual/misc/vfio/uevent');
    assert.equal(vfio?.kind === 'file' && vfio.content, 'MAJOR=10\nMINOR=196\nDEVNAME=vfio/vfio\nDEVMODE=0666\n');
  });

  it('has no PCI function, and does not own the directory of its class', () => {
    assert.deepEqual(
      paths.filter((path) => /pci|auxiliary|\/device$/.test(path)),
      [],
    );
    assert.ok(!paths.includes('devices/virtual/misc'));
    assert.ok(paths.includes('devices/virtual/misc/iommu/power'));
  });
});

describe('linkText', () => {
  it('goes up to the directory that holds the target and down', () => {
    assert.equal(linkText('a/b/c/link', 'a/b'), '../../b');
    assert.equal(linkText('a/link', 'a/b'), 'b');
    assert.equal(linkText('x/link', 'a/b'), '../a/b');
  });
});
