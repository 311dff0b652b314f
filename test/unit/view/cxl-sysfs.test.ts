/** A CXL memory device in sysfs and /dev, beside what a real kernel showed of one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { FunctionSpec } from '../../../src/host/config/device-spec.ts';
import type { FwctlDriverRow } from '../../../src/host/machine/driver-row.ts';
import { driverRow } from '../../../src/host/machine/driver-row.ts';
import { DRIVERS } from '../../../src/host/machine/drivers.ts';
import { planView } from '../../../src/view/plan.ts';
import { deviceTops, topNames } from '../../../src/view/sysfs-tree.ts';
import { fixedNodes, liveDirectories, type ViewDevice } from '../../../src/view/view-device.ts';
import { ViewSysfs } from '../../../src/view/view-sysfs.ts';
import { connectx, type FlatEntry, REPOSITORY, sysfsOf } from './devices.ts';

const PCI = '0000:00:0a.0';
const ROOT = 'devices/platform/ACPI0017:00/root0';
const MEM0 = `devices/pci0000:00/${PCI}/mem0`;

function memoryDevice(fwctl: boolean, profile = 'cxl-qemu'): ViewDevice {
  const row = driverRow(DRIVERS, 'cxl') as FwctlDriverRow;
  const [memdev] = row.nodes?.(0) ?? [];
  assert.ok(memdev);
  const spec = { driver: 'cxl', profile, pci: PCI, mode: 0o600, uid: 0, gid: 0, overrides: {} };
  const [node] = connectx(0, PCI).nodes;
  assert.ok(node);
  const nodes = [...(fwctl ? [{ ...node, major: 253 }] : []), { ...memdev, major: 254 }];
  return { name: 'x', nodes, parents: row.parents(spec satisfies FunctionSpec, {}, 0) };
}

/** What ours does not have: EDAC's device and the firmware loader's. */
const LEFT_OUT = /mem0\/(cxl_mem0|firmware)(\/|$)/;

const golden = readFileSync(`${REPOSITORY}test/golden/fwctl/cxl-memdev-sysfs.txt`, 'utf8')
  .split('\n')
  .filter((line) => /^[DFL] /.test(line) && !LEFT_OUT.test(line))
  .map((line) => {
    const [, kind, path = '', mode = '0', content = ''] =
      /^([DFL]) (\S+?)\/?(?: -> | (?=\d+ =)|$)(?:(\d+) = )?(.*)$/.exec(line) ?? [];
    return { kind, path, mode: Number.parseInt(mode, 8), content: content.replaceAll('|', '\n') };
  });

describe('sysfs of a CXL memory device', () => {
  // the root port's own directory is shared by all memory devices
  const entries: FlatEntry[] = [{ path: ROOT, kind: 'directory' }, ...sysfsOf(memoryDevice(true))];
  const at = (path: string): FlatEntry | undefined => {
    const real = path
      .replace(/^bus\/cxl\/devices\/mem0(?=\/|$)/, MEM0)
      .replace(/^bus\/cxl\/devices\/root0(?=\/|$)/, ROOT)
      .replace(/^bus\/cxl\/devices\/endpoint2(?=\/|$)/, `${ROOT}/endpoint1`)
      .replace(/dport12$/, 'dport0')
      .replace(/^class\/fwctl\/fwctl0(?=\/)/, `${MEM0}/fwctl/fwctl0`);
    return entries.find((entry) => entry.path === real);
  };

  it('knows what the entries of a device are called without making them', () => {
    for (const device of [memoryDevice(true), memoryDevice(false), connectx(0, PCI)]) {
      const tops = deviceTops(device, { list: '0', mask: '1' }, { of: ({ class: name }) => name }).map(
        ([, name]) => name,
      );
      assert.deepEqual(new Set(topNames(device)), new Set(tops));
    }
  });

  it('has every entry of the real one, with its kind, mode, content and target', () => {
    assert.ok(golden.length > 30);
    for (const { kind, path, mode, content } of golden) {
      // the class itself, and the link followed
      if (kind === 'D' && path.startsWith('class/fwctl') && !path.endsWith('/power')) continue;
      const entry = at(path);
      assert.ok(entry, path);
      assert.equal(entry.kind, { D: 'directory', F: 'file', L: 'link' }[kind as 'D' | 'F' | 'L'], path);
      // it hangs deeper there
      const end = (text: string) => text.replace(/^(\.\.\/)+/, '').replace(/(devices\/)?pci.*?\/mem0/, 'mem0');
      // and the bridge above it is another
      if (entry.kind === 'link' && !/dport\d*$/.test(path)) assert.equal(end(entry.target), end(content), path);
      if (entry.kind !== 'file') continue;
      assert.equal(entry.mode, mode, path);
      assert.equal(entry.content, content, path);
    }
  });

  it('has nothing more in it than the real one', () => {
    const names = entries
      .map(({ path }) => path)
      .filter((path) => [MEM0, ROOT].some((top) => path.startsWith(`${top}/`)));
    const real = new Set(golden.map(({ path }) => at(path)?.path));
    assert.deepEqual(
      names.filter((path) => !real.has(path) && ![`${MEM0}/fwctl`, `${ROOT}/endpoint1`].includes(path)),
      [],
    );
  });

  it('hangs below its PCI function, whose class is of CXL memory', () => {
    const text = (path: string) => entries.find((entry) => entry.path === path && entry.kind === 'file');
    assert.deepEqual(text(`devices/pci0000:00/${PCI}/class`), {
      ...text(`devices/pci0000:00/${PCI}/class`),
      content: '0x050210\n',
    });
    const links = entries.filter((entry) => entry.kind === 'link').map(({ path, target }) => `${path} -> ${target}`);
    for (const link of [
      `class/fwctl/fwctl0 -> ../../${MEM0}/fwctl/fwctl0`,
      `${MEM0}/fwctl/fwctl0/device -> ../../../mem0`,
      `${MEM0}/fwctl/fwctl0/subsystem -> ../../../../../../class/fwctl`,
      `${MEM0}/subsystem -> ../../../../bus/cxl`,
      `bus/cxl/devices/mem0 -> ../../../${MEM0}`,
      `bus/cxl/drivers/cxl_mem/mem0 -> ../../../../${MEM0}`,
      `devices/pci0000:00/${PCI}/driver -> ../../../bus/pci/drivers/cxl_pci`,
      `${ROOT}/uport -> ../../ACPI0017:00`,
      `${ROOT}/dport0 -> ../../../pci0000:00`,
      `${ROOT}/endpoint1/parent_dport -> ../../../../pci0000:00`,
      `${ROOT}/endpoint1/uport -> ../../../../pci0000:00/${PCI}/mem0`,
      `bus/cxl/drivers/cxl_port/endpoint1 -> ../../../../${ROOT}/endpoint1`,
      `dev/char/253:0 -> ../../${MEM0}/fwctl/fwctl0`,
      `dev/char/254:0 -> ../../${MEM0}`,
    ]) {
      assert.ok(links.includes(link), `${link}\nnot among\n${links.join('\n')}`);
    }
  });

  it('hangs on another root port where it says that its platform is that of cxl_test', () => {
    const root = 'devices/platform/cxl_acpi.0/root65536';
    const links = sysfsOf(memoryDevice(true, 'cxl-test')).flatMap((entry) =>
      entry.kind === 'link' ? `${entry.path} -> ${entry.target}` : [],
    );
    for (const link of [
      `bus/cxl/devices/root65536 -> ../../../${root}`,
      `${root}/uport -> ../../cxl_acpi.0`,
      `bus/cxl/devices/endpoint1 -> ../../../${root}/endpoint1`,
    ]) {
      assert.ok(links.includes(link), `${link}\nnot among\n${links.join('\n')}`);
    }
  });

  it('has no trace of fwctl where the device has no features of users', () => {
    const paths = sysfsOf(memoryDevice(false)).map(({ path }) => path);
    assert.ok(paths.includes(`${MEM0}/dev`));
    assert.deepEqual(
      paths.filter((path) => path.includes('fwctl')),
      [],
    );
  });
});

describe('/dev/cxl of a view', () => {
  const plan = (devices: ViewDevice[], nodes: 'fuse' | { directory: string }, dev: string[]) => {
    const directories = new Set(['/dev', '/sys', '/sys/class', '/sys/bus', '/sys/devices', '/sys/dev/char', ...dev]);
    const listing = (path: string) => (directories.has(path) ? [] : undefined);
    const sysfs = new ViewSysfs(devices).served;
    const input = { mode: 'mount', root: '/r', devices, nodes, sysfs, kernelLog: false, listing } as const;
    return planView(input).mounts.map(({ kind, arguments: words }) => [kind, ...words].join(' '));
  };

  it('is there beside /dev/fwctl where there is such a device, and is live', () => {
    assert.deepEqual(liveDirectories([connectx(0, PCI)]), ['fwctl']);
    assert.deepEqual(liveDirectories([memoryDevice(false)]), ['fwctl', 'cxl']);
    assert.deepEqual(fixedNodes([memoryDevice(true)]), []);
    const own = plan([memoryDevice(true)], 'fuse', ['/dev/fwctl']);
    assert.ok(own.includes('bind /r/fuse/fwctl /r/dev/fwctl') && own.includes('bind /r/fuse/cxl /r/dev/cxl'));
    const there = plan([memoryDevice(true)], 'fuse', ['/dev/fwctl', '/dev/cxl']);
    assert.ok(there.includes('bind /r/fuse/fwctl /dev/fwctl') && there.includes('bind /r/fuse/cxl /dev/cxl'));
    const none = plan([connectx(0, PCI)], 'fuse', ['/dev/fwctl']);
    assert.deepEqual(
      none.filter((step) => step.includes('cxl')),
      [],
    );
  });

  it('is a directory of its own of real nodes by CUSE', () => {
    const own = plan([memoryDevice(true)], { directory: '/dev/emu' }, []);
    assert.ok(own.includes('bind /dev/emu /r/dev/fwctl') && own.includes('bind /dev/emu.cxl /r/dev/cxl'));
  });
});
