import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { pciConfigSpace } from '../../../src/view/pci-config.ts';
import { charEntries, deviceEntries, driverEntries, linkText } from '../../../src/view/sysfs-tree.ts';
import { CONNECTX6DX, connectx, iommufd, REPOSITORY } from './devices.ts';

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
const entries = [...driverEntries(device), ...deviceEntries(device, { list: '0', mask: '1' }), ...charEntries(device)];

describe('sysfs of a device', () => {
  it('has every entry of the real one, with its type, mode, link text and content', () => {
    const made = new Map(entries.map((entry) => [`/sys/${entry.path}`, entry]));
    for (const row of golden.filter(
      ({ path }) => path !== '/sys/class/fwctl' && path !== '/sys/bus/auxiliary/drivers',
    )) {
      const entry = made.get(row.path);
      assert.ok(entry, row.path);
      if (row.type === 'link') assert.equal(entry.kind === 'link' && entry.target, row.to, row.path);
      if (row.type === 'dir') assert.equal(entry.kind, 'directory', row.path);
      if (row.type !== 'file') continue;
      assert.ok(entry.kind === 'file', row.path);
      assert.equal(entry.mode, Number.parseInt(row.mode, 8), row.path);
      if (row.path.endsWith('/config')) assert.equal(entry.content.length, 256);
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

  it('makes directories before what is in them, and devices before the links to them', () => {
    const seen = new Set<string>();
    for (const entry of entries) {
      const parent = entry.path.slice(0, entry.path.lastIndexOf('/'));
      if (entry.kind === 'file') assert.ok(seen.has(parent), entry.path);
      if (entry.kind === 'link' && entry.path.startsWith('class/'))
        assert.ok(seen.has('devices/pci0000:00/0000:00:0a.0/fwctl/fwctl0'));
      seen.add(entry.path);
    }
  });

  it('leaves the auxiliary bus alone for a driver without an auxiliary device', () => {
    const raw = connectx(2, '0000:00:0c.0', { auxiliary: undefined, driver: 'raw' });
    const paths = [...driverEntries(raw), ...deviceEntries(raw, { list: '0', mask: '1' })].map(({ path }) => path);
    assert.equal(
      paths.some((path) => path.includes('auxiliary')),
      false,
    );
    assert.ok(paths.includes('bus/pci/drivers/raw/0000:00:0c.0'));
  });
});

describe('sysfs of devices on no bus', () => {
  const device = iommufd();
  const made = [...driverEntries(device), ...deviceEntries(device, { list: '0', mask: '1' }), ...charEntries(device)];
  const paths = made.map(({ path }) => path);
  const content = (path: string) => made.find((entry) => entry.path === path && entry.kind === 'file');

  it('is what Linux 6.12 shows of iommu and vfio', () => {
    assert.deepEqual(
      made.filter((entry) => entry.kind === 'link').map(({ path, target }) => `${path} -> ${target}`),
      [
        'devices/virtual/misc/iommu/subsystem -> ../../../../class/misc',
        'devices/virtual/misc/vfio/subsystem -> ../../../../class/misc',
        'class/misc/iommu -> ../../devices/virtual/misc/iommu',
        'class/misc/vfio -> ../../devices/virtual/misc/vfio',
        'dev/char/10:256 -> ../../devices/virtual/misc/iommu',
        'dev/char/10:196 -> ../../devices/virtual/misc/vfio',
      ],
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

describe('config', () => {
  it('is a type 0 header with the ids where the PCI specification has them', () => {
    const bytes = Buffer.from(pciConfigSpace(CONNECTX6DX));
    assert.equal(bytes.length, 256);
    assert.equal(bytes.toString('hex', 0, 4), 'b3151d10');
    assert.equal(bytes.toString('hex', 8, 16), '0000000200000000', 'revision, class, type 0');
    assert.equal(bytes.toString('hex', 0x2c, 0x30), 'b3151600');
    assert.equal(bytes[0x34], 0, 'no capabilities');
  });
});

describe('linkText', () => {
  it('goes up to the directory that holds the target and down', () => {
    assert.equal(linkText('a/b/c/link', 'a/b'), '../../b');
    assert.equal(linkText('a/link', 'a/b'), 'b');
    assert.equal(linkText('x/link', 'a/b'), '../a/b');
  });
});
