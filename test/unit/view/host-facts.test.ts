import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import {
  cpuNames,
  freeMajor,
  hostListing,
  miscMinor,
  privateBase,
  procDevicesWith,
  procMiscWith,
} from '../../../src/view/host-facts.ts';

const PROC_DEVICES =
  'Character devices:\n  1 mem\n 10 misc\n254 gpiochip\n253 ptp\n\nBlock devices:\n  7 loop\n252 virtblk\n';

describe('freeMajor', () => {
  it('is the highest free one of the dynamic range, block devices aside', () => {
    assert.equal(freeMajor(PROC_DEVICES), 252);
    assert.equal(freeMajor(''), 254);
  });
  it('goes on in the second range when the first is full, and gives up after that', () => {
    const rows = (from: number, to: number) =>
      Array.from({ length: from - to + 1 }, (_, i) => `${to + i} x\n`).join('');
    assert.equal(freeMajor(`Character devices:\n${rows(254, 234)}`), 511);
    assert.throws(() => freeMajor(`Character devices:\n${rows(254, 234)}${rows(511, 384)}`), /no character device/);
  });
});

describe('procDevicesWith', () => {
  it('adds fwctl to the character devices', () => {
    assert.equal(procDevicesWith(PROC_DEVICES, 252), PROC_DEVICES.replace('253 ptp\n', '253 ptp\n252 fwctl\n'));
    assert.equal(procDevicesWith('', 99), 'Character devices:\n 99 fwctl\n');
  });
});

describe('miscMinor and procMiscWith', () => {
  const procMisc = '257 userfaultfd\n256 vga_arbiter\n196 vfio\n';
  it('gives a dynamic number of its own, and keeps a fixed one', () => {
    assert.equal(miscMinor(procMisc, { name: 'iommu', minor: 256 }), 258);
    assert.equal(miscMinor('256 iommu\n', { name: 'iommu', minor: 256 }), 256);
    assert.equal(miscMinor('', { name: 'iommu', minor: 256 }), 256);
    assert.equal(miscMinor(procMisc, { name: 'vfio', minor: 196 }), 196);
  });
  it('puts those registered last first, and names nothing twice', () => {
    const nodes = [
      { name: 'iommu', minor: 258 },
      { name: 'vfio', minor: 196 },
    ];
    assert.equal(procMiscWith(procMisc, nodes), '196 vfio\n258 iommu\n257 userfaultfd\n256 vga_arbiter\n');
    assert.equal(procMiscWith('', [{ name: 'hpet', minor: 28 }]), ' 28 hpet\n');
  });
});

describe('cpuNames', () => {
  it('spells lists and masks as sysfs does', () => {
    assert.deepEqual(cpuNames('0\n'), { list: '0', mask: '1' });
    assert.deepEqual(cpuNames('0-3,8'), { list: '0-3,8', mask: '10f' });
    assert.equal(cpuNames('0-63').mask, 'ffffffff,ffffffff');
    assert.equal(cpuNames('32').mask, '1,00000000');
  });
});

describe('hostListing', () => {
  it('tells directories, links and the rest apart, and a missing directory from an empty one', () => {
    const root = mkdtempSync(`${tmpdir()}/listing-`);
    try {
      mkdirSync(`${root}/d`);
      writeFileSync(`${root}/f`, '');
      symlinkSync('nowhere', `${root}/l`);
      assert.deepEqual(
        hostListing(root)
          ?.slice()
          .sort((a, b) => a.name.localeCompare(b.name)),
        [
          { name: 'd', kind: 'directory' },
          { name: 'f', kind: 'other' },
          { name: 'l', kind: 'link', target: 'nowhere' },
        ],
      );
      assert.deepEqual(hostListing(`${root}/d`), []);
      assert.equal(hostListing(`${root}/none`), undefined);
      assert.equal(hostListing(`${root}/f`), undefined);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('privateBase', () => {
  it('never lies below what a view replaces', () => {
    const root = mkdtempSync(`${tmpdir()}/base-`);
    try {
      assert.equal(privateBase(root), root);
      for (const bad of ['/dev/shm', '/sys', '/proc/1', `${root}/none`, 'relative', undefined]) {
        const base = privateBase(bad);
        assert.notEqual(base, bad);
        assert.doesNotMatch(base, /^\/(dev|sys|proc)/);
      }
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
