/** Features of a memory device: what SET_FEATURE does to what GET_FEATURE reads, by the manners of each device. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEATURE_ATTRIBUTES, readAttribute, writeAttribute } from '../../../../src/abi/cxl/attributes.ts';
import { featureEntry } from '../../../../src/abi/cxl/features.ts';
import { FirmwareStateError } from '../../../../src/abi/device-state.ts';
import { cxlQemu } from '../../../../src/devices/cxl/cxl-qemu.ts';
import { cxlTest } from '../../../../src/devices/cxl/cxl-test.ts';
import { cxlType3 } from '../../../../src/devices/cxl/cxl-type3.ts';
import { CXL_PROFILES } from '../../../../src/devices/cxl/profiles.ts';
import { CxlFirmware } from '../../../../src/firmware/cxl/firmware.ts';
import { Rig } from './rig.ts';

const vendor = (number: number) => `feed0000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`;
const [CONFIG_IMMEDIATE, LOG_IMMEDIATE, VOLATILE] = [vendor(4), vendor(7), vendor(11)];

const ok = (...data: readonly number[]) => ({ code: 0, data });

test('attributes that are set change those that are read, and nothing else', () => {
  const rig = new Rig(cxlType3);
  assert.deepEqual(rig.read('PATROL_SCRUB'), ok(3, 12, 1, 0));
  assert.equal(rig.write('PATROL_SCRUB', [24, 0xff]), 0);
  assert.deepEqual(rig.read('PATROL_SCRUB'), ok(3, 24, 1, 1));
  assert.equal(rig.write('ECS', [0, 0xf4, 0xff, 5, 0, 3, 0]), 0);
  assert.deepEqual(rig.read('ECS'), ok(0, 1, 0x14, 0, 0, 1, 5, 0, 0, 1, 3, 0, 0));
  assert.equal(rig.write('SPPR', [0, 0, 0]), 0);
  assert.equal(rig.read('SPPR').data[19], 0);
});

test('what an attribute cannot be is INPUT, and nothing has changed', () => {
  const rig = new Rig(cxlType3);
  const before = ['PATROL_SCRUB', 'ECS', 'SPPR', 'ROW_SPARING'].map((name) => rig.read(name));
  const wrong: readonly (readonly [string, readonly number[]])[] = [
    ['PATROL_SCRUB', [0, 1]],
    ['ECS', [2, 3, 0, 3, 0, 3, 0]],
    ['ECS', [1, 6, 0, 3, 0, 3, 0]],
    ['ECS', [1, 3, 0, 3, 0, 2, 0]],
    ['SPPR', [1, 0, 0]],
    ['SPPR', [0, 0, 2]],
    ['ROW_SPARING', [0, 1]],
  ];
  for (const [name, data] of wrong) assert.equal(rig.write(name, data), 2, `${name} ${data}`);
  assert.deepEqual(
    ['PATROL_SCRUB', 'ECS', 'SPPR', 'ROW_SPARING'].map((name) => rig.read(name)),
    before,
  );
});

test('a transfer in parts counts when it is whole; nobody reads, or sets another, meanwhile', () => {
  const rig = new Rig(cxlType3);
  const before = rig.read(CONFIG_IMMEDIATE);
  const part = (action: number, offset: number, data: readonly number[]) =>
    rig.write(CONFIG_IMMEDIATE, data, { action, offset });
  assert.equal(part(1, 0, [1, 2]), 0);
  assert.equal(rig.read(CONFIG_IMMEDIATE).code, 27);
  assert.equal(rig.write(LOG_IMMEDIATE, [1]), 27);
  assert.equal(part(2, 3, [9]), 28);
  assert.equal(part(2, 2, [3]), 0);
  assert.equal(part(3, 3, [4]), 0);
  assert.deepEqual(rig.read(CONFIG_IMMEDIATE), ok(1, 2, 3, 4, ...before.data.slice(4)));
  assert.equal(part(1, 0, [7, 7]), 0);
  assert.equal(part(4, 0, []), 0);
  assert.deepEqual(rig.read(CONFIG_IMMEDIATE).data.slice(0, 2), [1, 2]);
  // a client gave up; the next one is not kept from its own
  assert.equal(part(1, 0, [7, 7]), 0);
  assert.equal(part(0, 0, [5]), 0);
  assert.deepEqual(rig.read(CONFIG_IMMEDIATE).data.slice(0, 3), [5, 2, 3]);
});

test('saved data survive a power cycle, others do not, and none of a device without', () => {
  const rig = new Rig(cxlType3);
  const initial = rig.read(CONFIG_IMMEDIATE).data;
  assert.equal(rig.write(CONFIG_IMMEDIATE, [1]), 0);
  assert.equal(rig.write(LOG_IMMEDIATE, [1], { save: false }), 0);
  assert.equal(rig.write(VOLATILE, [1]), 0);
  assert.equal(rig.write('PATROL_SCRUB', [9, 1]), 0);
  assert.deepEqual(Object.keys(rig.firmware.saveState().features).length, 2);
  rig.cycle();
  assert.deepEqual(rig.read(CONFIG_IMMEDIATE).data, [1, ...initial.slice(1)]);
  assert.deepEqual(rig.read(CONFIG_IMMEDIATE, 1).data[0], 0xff - 0x40);
  assert.deepEqual(rig.read('PATROL_SCRUB'), ok(3, 9, 1, 1));
  assert.equal(rig.read(VOLATILE).data[0], 11 * 16);
  assert.equal(rig.read(LOG_IMMEDIATE).data[0], 7 * 16);
  assert.equal(rig.read(VOLATILE, 2).code, 26);
});

test('what was saved is kept even where it is what the profile began with', () => {
  const own = cxlType3.values.features[VOLATILE];
  assert.ok(own);
  const features = { [VOLATILE]: { ...own, get: 1, set: 1, flags: 0x41, data: '05', saved: '07' } };
  const rig = new Rig({ ...cxlType3, values: { ...cxlType3.values, features } });
  assert.deepEqual([rig.read(VOLATILE), rig.read(VOLATILE, 2)], [ok(5), ok(7)]);
  rig.cycle();
  assert.deepEqual(rig.read(VOLATILE), ok(5));
  assert.equal(rig.write(VOLATILE, [7]), 0);
  rig.cycle();
  assert.deepEqual([rig.read(VOLATILE), rig.read(VOLATILE, 2)], [ok(7), ok(7)]);
});

test('a damaged state is refused by what is wrong, and changes nothing', () => {
  const { firmware } = new Rig(cxlType3);
  const uuid = CONFIG_IMMEDIATE;
  const good = { version: 1, features: { [uuid]: '00'.repeat(16) } };
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /no record of a state/],
    [{ ...good, version: 2 }, /version 2; this fwctl-emu reads version 1/],
    [{ version: 1 }, /features is missing/],
    [{ version: 1, features: { [uuid]: 7 } }, /no record of hex texts/],
    [{ version: 1, features: { ...good.features, nobody: '00' } }, /features\.nobody: the device has no such feature/],
    [{ version: 1, features: { [uuid]: '0' } }, /pairs of hex digits/],
    [{ version: 1, features: { [uuid]: '00' } }, /16 bytes are wanted/],
    [{ version: 1, features: { [VOLATILE]: '00'.repeat(16) } }, /does not keep/],
  ];
  const before = firmware.saveState();
  for (const [state, message] of wrong) {
    assert.throws(
      () => firmware.restoreState(state),
      (error: unknown) => error instanceof FirmwareStateError && message.test(error.message),
      String(message),
    );
  }
  assert.deepEqual(firmware.saveState(), before);
});

test("QEMU's manners: short answers, no selections, parts as they come, leftovers", () => {
  const rig = new Rig(cxlQemu);
  const scrub = 'feedd7d6-fde8-482b-a733-75774e06db8a';
  assert.deepEqual(rig.get({ feature: rig.at(scrub), offset: 2, count: 8, selection: 0 }), ok(1, 0));
  assert.equal(rig.get({ feature: rig.at(scrub), offset: 4, count: 1, selection: 0 }).code, 2);
  assert.equal(rig.get({ feature: rig.at(scrub), offset: 2000, count: 49, selection: 0 }).code, 2);
  assert.equal(rig.get({ feature: undefined, offset: 0, count: 1, selection: 0 }).code, 3);
  assert.equal(rig.read('SPPR', 1).code, 3);
  assert.equal(rig.write(scrub, [1, 1], { version: 9 }), 3);
  assert.equal(rig.write(scrub, []), 22);
  assert.equal(rig.write(scrub, [1, 1, 1]), 22);
  // a part that nobody has begun is taken; what it leaves is used by the next
  assert.equal(rig.write(scrub, [1], { action: 3, offset: 1 }), 0);
  assert.deepEqual(rig.read(scrub), ok(3, 0, 1, 1));
  assert.equal(rig.write(scrub, [7]), 0);
  assert.deepEqual(rig.read(scrub), ok(3, 7, 1, 1));
  // once begun, nothing else goes
  assert.equal(rig.write(scrub, [8], { action: 1 }), 0);
  assert.equal(rig.write('SPPR', [0, 0, 0]), 27);
  assert.equal(rig.read(scrub).code, 27);
  assert.equal(rig.write(scrub, [1], { action: 4, offset: 1 }), 0);
  assert.deepEqual(rig.read(scrub), ok(3, 7, 1, 1));
});

test("cxl_test's manners: whole, of any version", () => {
  const rig = new Rig(cxlTest);
  assert.deepEqual(rig.read('VENDOR_TEST'), ok(0xef, 0xbe, 0xad, 0xde));
  assert.equal(rig.write('VENDOR_TEST', [1, 2, 3, 4], { version: 0 }), 0);
  assert.deepEqual(rig.read('VENDOR_TEST', 1), ok(1, 2, 3, 4));
  assert.equal(rig.write('VENDOR_TEST', [1, 2, 3, 4], { action: 1 }), 2);
  assert.equal(rig.write('VENDOR_TEST', [1], { offset: 1 }), 2);
  assert.equal(rig.get({ feature: 0, offset: 4, count: 0, selection: 0 }).code, 0);
  assert.equal(rig.get({ feature: 0, offset: 4, count: 1, selection: 0 }).code, 2);
});

test('commands that are none, or too short or long for the mailbox', () => {
  const { firmware } = new Rig(cxlType3);
  const code = (opcode: number, bytes: number) => firmware.exec(opcode, new Uint8Array(bytes), NONE).returnCode;
  const NONE = new Uint8Array(0);
  assert.deepEqual([code(0x503, 32), code(0x501, 20), code(0x502, 31), code(0x501, 3)], [3, 22, 22, 22]);
  assert.equal(code(0x502, 2049), 22);
});

test('every attribute is where it is read, and only there', () => {
  for (const { readable, writable, getSize, setSize, name } of FEATURE_ATTRIBUTES) {
    for (const [attributes, size] of [
      [readable, getSize],
      [writable, setSize],
    ] as const) {
      let covered = 0n;
      for (const attribute of attributes) {
        const bytes = new Uint8Array(size);
        writeAttribute(attribute, bytes, 0xffff);
        assert.equal(readAttribute(attribute, bytes), 2 ** attribute.bits - 1, `${name} ${attribute.path}`);
        const mask = bytes.reduceRight((all, one) => (all << 8n) | BigInt(one), 0n);
        assert.equal(covered & mask, 0n, `${name} ${attribute.path} overlaps`);
        covered |= mask;
        assert.equal(readAttribute(attribute, bytes.subarray(0, attribute.at)), undefined);
      }
    }
    for (const { path } of writable)
      assert.ok(
        readable.some((one) => one.path === path),
        `${name} ${path}`,
      );
  }
});

test("every profile's entries and data are such as a device can have", () => {
  for (const profile of CXL_PROFILES) {
    const { features } = new CxlFirmware(profile.values);
    const uuids = features.map((entry) => Buffer.from(entry.subarray(0, 16)).toString('hex'));
    assert.equal(new Set(uuids).size, features.length);
    for (const [i, { data, get }] of Object.values(profile.values.features).entries()) {
      assert.equal(data.length, 2 * get);
      assert.equal(new DataView(features[i]?.buffer as ArrayBuffer).getUint16(featureEntry.id, true), i);
    }
  }
});
