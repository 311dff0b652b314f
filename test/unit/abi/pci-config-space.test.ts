/** The model of PCI configuration space: masks, runs that are not aligned, registers that act, reset, and VPD. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigSpace } from '../../../src/abi/pci/config-space.ts';
import { configSpace, type PciShape } from '../../../src/abi/pci/function.ts';
import { encodeVpd } from '../../../src/abi/pci/vpd.ts';

const SHAPE: PciShape = {
  identity: {
    vendor: 0x15b3,
    device: 0x101d,
    subsystemVendor: 0x15b3,
    subsystemDevice: 0x16,
    revision: 1,
    classCode: 0x020000,
  },
  bars: [{ index: 0, bytes: 32 << 20, wide: true, prefetchable: true }],
  rom: 1 << 20,
  link: { speed: 4, width: 16 },
  msix: { vectors: 64, bar: 0, table: 0x2000, pending: 0x3000 },
  vpd: { name: 'a card', keywords: [['PN', 'X1']] },
  vfs: { total: 8, deviceId: 0x101e, offset: 2, stride: 1, barBytes: 2 << 20 },
};

test('any run is read, up to the end', () => {
  const space = configSpace(SHAPE);
  assert.equal(space.size, 4096);
  assert.deepEqual([...space.read(0, 4)], [0xb3, 0x15, 0x1d, 0x10]);
  assert.deepEqual([...space.read(1, 6)], [0x15, 0x1d, 0x10, 0, 0, 0x10]);
  assert.equal(space.read(0, 5000).length, 4096);
  assert.equal(space.read(4095, 4).length, 1);
  assert.equal(space.read(4096, 1).length, 0);
  assert.equal(space.get(0x08, 4), 0x02000001);
});

test('what cannot be written stays, and what clears by 1 clears', () => {
  const space = new ConfigSpace(256, [
    [0x00, 4, 0x101d15b3],
    [0x04, 2, 0, 0x0546],
    [0x06, 2, 0xf910, 0, 0xf900],
  ]);
  assert.equal(space.write(0, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff)), 5);
  assert.equal(space.get(0, 4), 0x101d15b3);
  assert.equal(space.get(4, 2), 0x0046);
  space.set(7, 1, 0x80);
  assert.equal(space.get(6, 2), 0x7910);
  assert.equal(space.write(254, Uint8Array.of(1, 2, 3, 4)), 2);
  assert.equal(space.write(256, Uint8Array.of(1)), 0);
});

test('a BAR of all ones says its size', () => {
  const space = configSpace(SHAPE);
  assert.equal(space.get(0x10, 4), 0xc);
  space.set(0x10, 4, 0xffffffff);
  space.set(0x14, 4, 0xffffffff);
  assert.deepEqual([space.get(0x10, 4), space.get(0x14, 4)], [0xfe00000c, 0xffffffff]);
  space.set(0x30, 4, 0xffffffff);
  assert.equal(space.get(0x30, 4), 0xfff00001);
  const large = configSpace({ ...SHAPE, bars: [{ index: 2, bytes: 2 ** 33, wide: true, prefetchable: true }] });
  large.set(0x18, 4, 0xffffffff);
  large.set(0x1c, 4, 0xffffffff);
  assert.deepEqual([large.get(0x18, 4), large.get(0x1c, 4)], [0xc, 0xfffffffe]);
});

/** Ids and places, in the order of the list. */
function chain(space: ConfigSpace): string[] {
  const found: string[] = [];
  for (let at = space.get(0x34, 1); at !== 0; at = space.get(at + 1, 1)) found.push(`${space.get(at, 1)}@${at}`);
  if (space.size === 256) return found;
  for (let at = 0x100; at !== 0; at = space.get(at, 4) >>> 20) found.push(`x${space.get(at, 4) & 0xffff}@${at}`);
  return found;
}

test('capabilities hang on each other', () => {
  assert.deepEqual(chain(configSpace(SHAPE)), [
    '16@96',
    '3@72',
    '17@156',
    '1@64',
    'x1@256',
    'x14@336',
    'x16@384',
    'x25@448',
    'x13@560',
    'x39@800',
    'x38@880',
    'x37@1056',
  ]);
  const gen5 = configSpace({ ...SHAPE, link: { speed: 5, width: 16 } });
  assert.ok(chain(gen5).includes('x42@944'));
  const { link: _link, ...plain } = SHAPE;
  assert.deepEqual([configSpace(plain).size, chain(configSpace(plain))], [256, ['3@72', '17@156']]);
});

test('a function-level reset undoes what was written, and is told of', () => {
  const space = configSpace(SHAPE);
  const told: number[] = [];
  space.onReset = () => told.push(space.get(0x04, 2));
  space.set(0x04, 2, 0x0406);
  space.set(0x10, 4, 0xc0000000);
  assert.equal(space.get(0x04, 2), 0x0406);
  space.set(0x68, 2, 0x8000 | space.get(0x68, 2));
  assert.deepEqual([space.get(0x04, 2), space.get(0x10, 4), space.get(0x68, 2)], [0, 0xc, 0x2910]);
  assert.deepEqual(told, [0], 'once, after it');
});

test('vital product data is read through its window, four bytes each time', () => {
  const space = configSpace(SHAPE);
  const whole = encodeVpd(SHAPE.vpd ?? { name: '', keywords: [] });
  const seen: number[] = [];
  for (let at = 0; at < whole.length; at += 4) {
    space.set(0x4a, 2, at);
    assert.equal(space.get(0x4a, 2), at | 0x8000);
    seen.push(...space.read(0x4c, 4));
  }
  assert.deepEqual(seen.slice(0, whole.length), [...whole]);
  // a write is taken and goes nowhere
  space.set(0x4c, 4, 0x12345678);
  space.set(0x4a, 2, 0x8000);
  assert.equal(space.get(0x4a, 2), 0);
  space.set(0x4a, 2, 0);
  assert.deepEqual([...space.read(0x4c, 4)], [...whole.subarray(0, 4)]);
});

test('VPD has its name, its keywords and a checksum that makes the sum 0', () => {
  const bytes = encodeVpd({ name: 'a card', keywords: [['PN', 'X1']] });
  assert.equal(String.fromCharCode(...bytes.subarray(3, 9)), 'a card');
  const end = bytes.indexOf(0x78, bytes.length - 1);
  assert.equal(end, bytes.length - 1);
  assert.equal(
    bytes.subarray(0, end).reduce((sum, byte) => (sum + byte) & 0xff, 0),
    0,
  );
});
