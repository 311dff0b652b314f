/** Every table of abi/mlx5: rows compile, agree with one another and round-trip. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BytesField, type Layout, QuadField, WordField } from '../../../../src/abi/bits.ts';
import { CAP_TYPES, capType, capTypeByName } from '../../../../src/abi/mlx5/cap-types.ts';
import { commandLayout } from '../../../../src/abi/mlx5/command-layouts.ts';
import { createUctx, destroyUctx, hcaCapOpMod } from '../../../../src/abi/mlx5/headers.ts';
import { OPCODE, OPCODES, opcodeName } from '../../../../src/abi/mlx5/opcodes.ts';
import { LAID_OUT_REGISTERS } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { REGISTERS, registerById, registerByName } from '../../../../src/abi/mlx5/registers.ts';
import { STATUS, STATUSES, statusName } from '../../../../src/abi/mlx5/status.ts';

function roundTrips(layout: Layout): void {
  const image = fc.uint8Array({ minLength: layout.bytes, maxLength: layout.bytes });
  fc.assert(
    fc.property(image, (bytes) => {
      const values = layout.decode(new DataView(bytes.buffer, bytes.byteOffset));
      assert.equal(Object.keys(values).length, layout.fields.size);
      const again = layout.encode(values);
      assert.deepEqual(layout.decode(new DataView(again.buffer)), values);
    }),
    { numRuns: 10 },
  );
}

/** A field's bits one by one, against the structure as one long number. */
function setsItsOwnBits(layout: Layout): void {
  for (const field of layout.fields.values()) {
    const value =
      field instanceof BytesField ? new Uint8Array(field.bytes).fill(0xff) : (1n << BigInt(field.bits)) - 1n;
    const image = layout.encode({ [field.path]: value });
    const whole = BigInt(`0x${Buffer.from(image).toString('hex')}`);
    const shift = BigInt(layout.bytes * 8 - field.bit - field.bits);
    assert.equal(whole, ((1n << BigInt(field.bits)) - 1n) << shift, `${layout.name}.${field.path}`);
    assert.ok(field instanceof WordField || field instanceof QuadField || field instanceof BytesField);
  }
}

describe('capability types', () => {
  for (const cap of CAP_TYPES) {
    it(`${cap.name}: found by number and name${cap.layout === undefined ? '' : ', layout sound'}`, () => {
      assert.equal(capType(cap.type), cap);
      assert.equal(capTypeByName(cap.name), cap);
      if (cap.layout === undefined) return;
      assert.equal(cap.layout.bytes, cap.bytes);
      setsItsOwnBits(cap.layout);
      roundTrips(cap.layout);
    });
  }
});

describe('register layouts', () => {
  for (const { name, id, bytes, layout } of LAID_OUT_REGISTERS) {
    it(`${name}: as large as the register, every field in its place`, () => {
      assert.equal(layout.bytes, bytes);
      assert.equal(registerById(id)?.name, name);
      setsItsOwnBits(layout);
      roundTrips(layout);
    });
  }
});

describe('registers', () => {
  it('are listed once, ascending, with dword sizes', () => {
    assert.ok(REGISTERS.length >= 206);
    REGISTERS.forEach(({ id, bytes, name }, i) => {
      assert.ok(i === 0 || id > (REGISTERS[i - 1]?.id ?? 0), name);
      assert.ok(bytes % 4 === 0 && bytes <= 3100, name);
      assert.equal(registerByName(name)?.id, id);
    });
  });

  it('have the numbers and sizes that real clients use', () => {
    for (const [id, name, bytes] of [
      [0x9020, 'MGIR', 160],
      [0x6001, 'NODE_DESC', 64],
      [0xc00e, 'DTOR', 64],
      [0x907f, 'MCAM', 72],
      [0x5004, 'PTYS', 68],
      [0x5006, 'PAOS', 16],
      [0xc000, 'RESOURCE_DUMP', 256],
      [0x9100, 'MGPIR', 160],
    ] as const) {
      assert.deepEqual(registerById(id), { id, name, bytes });
    }
    assert.equal(registerById(0xffff), undefined);
  });
});

describe('opcodes', () => {
  it('are listed once, ascending', () => {
    OPCODES.forEach(({ opcode, name }, i) => {
      assert.ok(i === 0 || opcode > (OPCODES[i - 1]?.opcode ?? 0), name);
      assert.equal(opcodeName(opcode), name);
    });
    assert.equal(opcodeName(0xfff0), 'opcode 0xfff0');
  });

  for (const [name, opcode] of Object.entries(OPCODE)) {
    it(`${name}: the name's number is the table's, the layout's sizes are the struct's`, () => {
      const row = OPCODES.find((each) => each.opcode === opcode);
      assert.equal(row?.name, name);
      const layout = commandLayout(opcode);
      assert.ok(layout !== undefined);
      setsItsOwnBits(layout.request);
      setsItsOwnBits(layout.reply);
      if (opcode === OPCODE.QUERY_HCA_CAP) return;
      if (row?.inBytes !== undefined) assert.equal(layout.request.bytes, row.inBytes);
      if (row?.outBytes !== undefined) assert.equal(layout.reply.bytes, row.outBytes);
    });
  }

  it('byte offsets for the driver agree with the field layouts', () => {
    assert.equal(commandLayout(OPCODE.CREATE_UCTX)?.request.word('uctx.cap').byte, createUctx.caps);
    assert.equal(commandLayout(OPCODE.CREATE_UCTX)?.reply.field('uid').bit, createUctx.outUid * 8);
    assert.equal(commandLayout(OPCODE.DESTROY_UCTX)?.request.field('uid').bit, destroyUctx.uid * 8);
    assert.deepEqual(
      [hcaCapOpMod(0, 'current'), hcaCapOpMod(0x0d, 'current'), hcaCapOpMod(0x26, 'max')],
      [1, 0x1b, 0x4c],
    );
  });
});

describe('statuses', () => {
  it('are the 17 of mlx5_core, each found by number', () => {
    assert.equal(STATUSES.length, 17);
    assert.equal(Object.keys(STATUS).length, 17);
    for (const { status, name } of STATUSES) assert.equal(statusName(status), name);
    const row = (status: number) => STATUSES.find((each) => each.status === status);
    assert.deepEqual(row(0x50), {
      status: 0x50,
      name: 'BAD_INP_LEN',
      text: 'bad input length',
      errno: 'EIO',
    });
    assert.equal(row(8)?.errno, 'ENOMEM');
    assert.equal(statusName(0x82), 'status 0x82');
  });
});
