/** The NVM: directory, items, variables, against a second reading of the rules; what is kept without power. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ERROR_CODE } from '../../../../src/abi/bnxt/hwrm.ts';
import { DIR_ENTRY } from '../../../../src/abi/bnxt/nvm.ts';
import { crc32 } from '../../../../src/abi/crc32.ts';
import { FirmwareStateError } from '../../../../src/abi/device-state.ts';
import { BnxtFirmware } from '../../../../src/firmware/bnxt/firmware.ts';
import { FRESH_STATE } from '../../../../src/firmware/bnxt/state.ts';
import { Rig } from './rig.ts';

const SECTOR = 4096;

interface Item {
  readonly name: string;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** A second reading: slots of items, each in whole sectors; what is not written is 0xff. */
class Model {
  readonly slots: (Item | undefined)[] = [];

  write(name: string, sent: Uint8Array, least: number): number {
    const known = this.slots.findIndex((slot) => slot?.name === name);
    const gap = this.slots.indexOf(undefined);
    const index = known >= 0 ? known : gap >= 0 ? gap : this.slots.length;
    const length = Math.ceil(Math.max(sent.length, least, 1) / SECTOR) * SECTOR;
    this.slots[index] = { name, length, bytes: sent.slice() };
    return index;
  }

  modify(index: number, offset: number, sent: Uint8Array): boolean {
    const slot = this.slots[index];
    if (slot === undefined || offset + sent.length > slot.length) return false;
    const bytes = Uint8Array.from({ length: Math.max(slot.bytes.length, offset + sent.length) }, (_, i) =>
      i >= offset && i < offset + sent.length ? (sent[i - offset] ?? 0) : (slot.bytes[i] ?? 0xff),
    );
    this.slots[index] = { ...slot, bytes };
    return true;
  }

  read(index: number, offset: number, length: number): Uint8Array | undefined {
    const slot = this.slots[index];
    if (slot === undefined || offset + length > slot.length) return undefined;
    return Uint8Array.from({ length }, (_, i) => slot.bytes[offset + i] ?? 0xff);
  }
}

const small = fc.integer({ min: 0, max: 5 });
const data = fc.uint8Array({ minLength: 1, maxLength: 5000 });
const offset = fc.integer({ min: 0, max: 9000 });
const step = fc.oneof(
  fc.record({
    op: fc.constant('write' as const),
    type: small.map((n) => n + 1),
    ordinal: fc.integer({ min: 0, max: 1 }),
    data,
    least: offset,
  }),
  fc.record({ op: fc.constant('modify' as const), index: small, offset, data }),
  fc.record({ op: fc.constant('erase' as const), index: small }),
  fc.record({ op: fc.constant('read' as const), index: small, offset, length: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({ op: fc.constant('defrag' as const) }),
  fc.record({ op: fc.constant('power' as const) }),
);

test('any sequence of writes, changes, erasures and power cycles reads back as a second reading says', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const rig = new Rig();
      const model = new Model();
      let ask = rig.ask.bind(rig);
      for (const one of steps) {
        if (one.op === 'write') {
          const { type, ordinal, data: sent, least } = one;
          const fields = { dir_type: type, dir_ordinal: ordinal, dir_data_length: sent.length, dir_item_length: least };
          const { code, fields: told } = ask('NVM_WRITE', fields, [sent]);
          const index = model.write(`${type}:${ordinal}`, sent, least);
          assert.deepEqual([code, told.dir_idx, told.dir_item_length], [0, index, model.slots[index]?.length]);
        } else if (one.op === 'modify') {
          const fields = { dir_idx: one.index, offset: one.offset, len: one.data.length };
          const taken = model.modify(one.index, one.offset, one.data);
          assert.equal(ask('NVM_MODIFY', fields, [one.data]).code === 0, taken);
        } else if (one.op === 'erase') {
          const there = model.slots[one.index] !== undefined;
          if (there) model.slots[one.index] = undefined;
          assert.equal(ask('NVM_ERASE_DIR_ENTRY', { dir_idx: one.index }).code === 0, there);
        } else if (one.op === 'read') {
          const fields = { dir_idx: one.index, offset: one.offset, len: one.length };
          const answer = ask('NVM_READ', fields, [one.length]);
          const wanted = model.read(one.index, one.offset, one.length);
          assert.equal(answer.code === 0, wanted !== undefined);
          if (wanted !== undefined) assert.deepEqual(answer.filled[0], wanted);
        } else if (one.op === 'defrag') {
          assert.equal(ask('NVM_DEFRAG').code, 0);
        } else {
          const next = new Rig();
          next.firmware.restoreState(JSON.parse(JSON.stringify(rig.firmware.saveState())));
          ask = next.ask.bind(next);
          Object.assign(rig, { firmware: next.firmware });
        }
      }
      const { fields: info } = ask('NVM_GET_DIR_INFO');
      assert.deepEqual([info.entries, info.entry_length], [model.slots.length, DIR_ENTRY.bytes]);
      const listing = ask('NVM_GET_DIR_ENTRIES', {}, [65536]).filled[0] ?? new Uint8Array(0);
      const view = new DataView(listing.buffer);
      const free = ask('NVM_GET_DEV_INFO').fields.available_size;
      assert.equal(
        free,
        8 * 1024 * 1024 - 2 * SECTOR - model.slots.reduce((sum, slot) => sum + (slot?.length ?? 0), 0),
      );
      for (const [index, slot] of model.slots.entries()) {
        const at = index * DIR_ENTRY.bytes;
        const name = `${view.getUint16(at, true)}:${view.getUint16(at + DIR_ENTRY.ordinal, true)}`;
        assert.equal(name, slot?.name ?? '0:0');
        if (slot === undefined) continue;
        assert.equal(view.getUint32(at + DIR_ENTRY.dataLength, true), slot.bytes.length);
        assert.equal(view.getUint32(at + DIR_ENTRY.checksum, true), crc32(slot.bytes));
        const raw = view.getUint32(at + DIR_ENTRY.location, true);
        const length = Math.min(slot.bytes.length, 65536);
        assert.deepEqual(
          ask('NVM_RAW_DUMP', { offset: raw, len: length }, [length]).filled[0],
          slot.bytes.slice(0, length),
        );
        const [dir_type = 0, dir_ordinal = 0] = slot.name.split(':').map(Number);
        assert.equal(ask('NVM_FIND_DIR_ENTRY', { dir_type, dir_ordinal }).fields.dir_idx, index);
        assert.equal(ask('NVM_VERIFY_UPDATE', { dir_type, dir_ordinal }).code, 0);
      }
    }),
    { numRuns: 60 },
  );
});

test('variables: any sequence of sets leaves what a second reading says, kept over power cycles', () => {
  const initial: Readonly<Record<number, readonly number[]>> = { 108: [0x4a, 0], 401: [1], 602: [1, 0, 0, 0] };
  const setting = fc.record({
    option: fc.constantFrom(108, 401, 602, 7),
    bits: fc.integer({ min: 1, max: 40 }),
    bytes: fc.uint8Array({ minLength: 5, maxLength: 5 }),
    factory: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });
  fc.assert(
    fc.property(fc.array(setting, { maxLength: 20 }), (settings) => {
      let rig = new Rig();
      const now = new Map(
        Object.entries(initial).map(([option, bytes]) => [Number(option), BigInt(littleEndian(bytes))]),
      );
      for (const { option, bits, bytes, factory } of settings) {
        const room = (initial[option]?.length ?? 0) * 8;
        const fields = { option_num: option, data_len: bits, flags: factory ? 0x80 : 0 };
        const { code, cmdErr } = rig.ask('NVM_SET_VARIABLE', fields, [bytes]);
        if (room === 0) assert.deepEqual([code, cmdErr], [ERROR_CODE.FAIL, 1]);
        else if (factory) now.set(option, BigInt(littleEndian(initial[option] ?? [])));
        else if (bits > room) assert.deepEqual([code, cmdErr], [ERROR_CODE.FAIL, 8]);
        else now.set(option, BigInt(littleEndian([...bytes])) & ((1n << BigInt(bits)) - 1n));
        const next = new Rig();
        next.firmware.restoreState(JSON.parse(JSON.stringify(rig.firmware.saveState())));
        rig = next;
      }
      for (const [option, value] of now) {
        const { filled, fields } = rig.ask('NVM_GET_VARIABLE', { option_num: option, data_len: 64 }, [8]);
        assert.equal(BigInt(littleEndian([...(filled[0] ?? [])])), value);
        assert.equal(fields.data_len, 8 * (initial[option]?.length ?? 0));
        const needs = value === 0n ? 1 : value.toString(2).length;
        assert.equal(rig.ask('NVM_GET_VARIABLE', { option_num: option, data_len: needs }, [8]).code, 0);
        if (needs > 1)
          assert.equal(rig.ask('NVM_GET_VARIABLE', { option_num: option, data_len: needs - 1 }, [8]).cmdErr, 3);
      }
    }),
    { numRuns: 60 },
  );
});

function littleEndian(bytes: readonly number[]): string {
  return `0x${
    [...bytes]
      .reverse()
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('') || '0'
  }`;
}

test('variables with indices, reserved numbers, the factory value', () => {
  const rig = new Rig({ 'nvm.variables.20:1': 0x11, 'nvm.variables.20:2': 0x22 });
  const get = (values: Record<string, number>) => rig.ask('NVM_GET_VARIABLE', { data_len: 8, ...values }, [1]);
  assert.equal(get({ option_num: 20, dimensions: 1, index_0: 2 }).filled[0]?.[0], 0x22);
  assert.deepEqual([get({ option_num: 20 }).code, get({ option_num: 20 }).cmdErr], [ERROR_CODE.FAIL, 4]);
  assert.equal(get({ option_num: 401, dimensions: 1, index_0: 0 }).filled[0]?.[0], 1);
  assert.equal(get({ option_num: 0 }).code, ERROR_CODE.INVALID_PARAMS);
  assert.equal(rig.ask('FW_QSTATUS').fields.nvm_option_action_status, 0);
  assert.equal(rig.ask('NVM_SET_VARIABLE', { option_num: 401, data_len: 1 }, [Uint8Array.of(0xfe)]).code, 0);
  assert.equal(rig.ask('FW_QSTATUS').fields.nvm_option_action_status, 1);
  assert.equal(get({ option_num: 401 }).filled[0]?.[0], 0);
  assert.equal(get({ option_num: 401, flags: 1 }).filled[0]?.[0], 1);
  assert.equal(rig.firmware.liveValues().nvm.variables['401'], '00');
  rig.firmware.adopt({ ...rig.values, nvm: { ...rig.values.nvm, variables: { '401': '07' } } }, 'nvm.variables.401');
  assert.equal(get({ option_num: 401 }).filled[0]?.[0], 7);
});

test('a full or fragmented memory is refused with the reason, and NVM_DEFRAG helps', () => {
  const rig = new Rig({ 'nvm.size': 16 * SECTOR });
  const write = (dir_type: number, sectors: number) =>
    rig.ask('NVM_WRITE', { dir_type, dir_data_length: 1, dir_item_length: sectors * SECTOR }, [
      Uint8Array.of(dir_type),
    ]);
  for (const type of [1, 2, 3]) assert.equal(write(type, 4).code, 0);
  assert.deepEqual([write(4, 4).code, write(4, 4).cmdErr], [ERROR_CODE.FAIL, 2]);
  assert.equal(rig.ask('NVM_GET_DIR_INFO').fields.entries, 3);
  assert.equal(rig.ask('NVM_ERASE_DIR_ENTRY', { dir_idx: 1 }).code, 0);
  assert.equal(write(4, 6).cmdErr, 1);
  assert.equal(rig.ask('NVM_DEFRAG').code, 0);
  assert.deepEqual([write(4, 6).code, write(4, 6).fields.dir_idx], [0, 1]);
  assert.equal(rig.ask('NVM_READ', { dir_idx: 2, len: 1 }, [1]).filled[0]?.[0], 3);
  assert.equal(write(0, 1).code, ERROR_CODE.INVALID_PARAMS);
});

test('entries by index or the next ordinal, their changes, and parts of a batch', () => {
  const rig = new Rig();
  for (const dir_ordinal of [0, 2, 5]) rig.ask('NVM_WRITE', { dir_type: 9, dir_ordinal }, [Uint8Array.of(dir_ordinal)]);
  const find = (values: Record<string, number>) => rig.ask('NVM_FIND_DIR_ENTRY', { dir_type: 9, ...values });
  assert.equal(find({ dir_ordinal: 1, opt_ordinal: 1 }).fields.dir_ordinal, 2);
  assert.equal(find({ dir_ordinal: 2, opt_ordinal: 2 }).fields.dir_ordinal, 5);
  assert.equal(find({ dir_ordinal: 5, opt_ordinal: 2 }).code, ERROR_CODE.ENTITY_NOT_PRESENT);
  assert.equal(find({ enables: 1, dir_idx: 1 }).fields.dir_ordinal, 2);
  const change = (values: Record<string, number>) => rig.ask('NVM_MOD_DIR_ENTRY', { dir_idx: 0, ...values }).code;
  assert.equal(change({ dir_ordinal: 2 }), ERROR_CODE.KEY_ALREADY_EXISTS);
  assert.equal(change({ dir_ordinal: 7, enables: 1, checksum: 1 }), 0);
  assert.equal(rig.ask('NVM_VERIFY_UPDATE', { dir_type: 9, dir_ordinal: 7 }).code, ERROR_CODE.FAIL);
  const part = (offset: number, bytes: Uint8Array) =>
    rig.ask('NVM_WRITE', { dir_type: 3, flags: 2, offset, len: bytes.length, dir_item_length: 8 }, [bytes]).code;
  assert.deepEqual([part(0, Uint8Array.of(1, 2)), part(4, Uint8Array.of(5))], [0, 0]);
  const index = rig.ask('NVM_FIND_DIR_ENTRY', { dir_type: 3 }).fields.dir_idx as number;
  assert.deepEqual(
    [...(rig.ask('NVM_READ', { dir_idx: index, len: 6 }, [6]).filled[0] ?? [])],
    [1, 2, 255, 255, 5, 255],
  );
  assert.equal(part(0xffffffff, Uint8Array.of(1)), ERROR_CODE.INVALID_PARAMS);
});

test('a state of another kind is refused, and nothing changes', () => {
  const rig = new Rig();
  assert.deepEqual(rig.firmware.saveState(), FRESH_STATE);
  const item = { type: 1, ordinal: 0, ext: 0, attr: 0, itemLength: 0, data: '00' };
  const bad: readonly [unknown, RegExp][] = [
    [null, /no record/],
    [{ version: 9, variables: {} }, /version 9/],
    [{ version: 1 }, /variables is missing/],
    [{ version: 1, variables: { '9999': '00' } }, /variables\.9999: the device has no variable/],
    [{ version: 1, variables: { '401': '0000' } }, /variables\.401/],
    [{ version: 1, variables: { '401': 'zz' } }, /variables\.401/],
    [{ version: 1, variables: {}, nvm: {} }, /nvm is no list/],
    [{ version: 1, variables: {}, nvm: [5] }, /nvm\.0: no record/],
    [{ version: 1, variables: {}, nvm: [{ ...item, type: 0 }] }, /nvm\.0: type 0/],
    [{ version: 1, variables: {}, nvm: [{ ...item, data: '0' }] }, /nvm\.0: data/],
    [{ version: 1, variables: {}, nvm: [{ ...item, ext: 65536 }] }, /nvm\.0: ext is no whole number/],
    [{ version: 1, variables: {}, nvm: [item, item] }, /nvm: two items have one type/],
    [{ version: 1, variables: {}, nvm: [{ ...item, itemLength: 0x7fffffff }] }, /nvm: the items do not fit/],
  ];
  for (const [state, message] of bad) {
    assert.throws(
      () => rig.firmware.restoreState(state),
      (error: Error) => error instanceof FirmwareStateError && message.test(error.message),
      JSON.stringify(state),
    );
  }
  assert.deepEqual(rig.firmware.saveState(), FRESH_STATE);
  assert.throws(
    () =>
      new BnxtFirmware(
        { ...rig.values, nvm: { ...rig.values.nvm, size: 65536 } },
        [{ ...item, data: new Uint8Array(65536) }],
        rig.clock,
      ),
    RangeError,
  );
});
