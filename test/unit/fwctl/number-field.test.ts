import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldError } from '../../../src/abi/bits.ts';
import { fieldsInside, numberField } from '../../../src/fwctl/number-field.ts';

test('a number is read as it was written, little-endian, and leaves its neighbours alone', () => {
  for (const [width, value] of [
    [1, 0xfe],
    [2, 0xfedc],
    [4, 0xfedcba98],
    [8, 0xfedcba9876543210n],
  ] as const) {
    const message = new DataView(new ArrayBuffer(24));
    const field = numberField('x', 8, width);
    field.write(message, value);
    assert.equal(field.read(message), value);
    assert.equal(message.getUint8(8), Number(BigInt(value) & 0xffn));
    const written = new Uint8Array(message.buffer);
    assert.ok([...written.subarray(0, 8), ...written.subarray(8 + width)].every((byte) => byte === 0));
    field.write(message, '0x12');
    assert.equal(Number(field.read(message)), 0x12);
  }
});

test('what does not fit is refused, and nothing is written', () => {
  for (const [width, value] of [
    [1, 0x100],
    [2, 65536n],
    [4, -1],
    [8, 1n << 64n],
    [4, 'many'],
    [4, 1.5],
    [4, new Uint8Array(4)],
  ] as const) {
    const message = new DataView(new ArrayBuffer(8));
    assert.throws(() => numberField('a.b', 0, width).write(message, value), FieldError, String(value));
    assert.equal(message.getBigUint64(0), 0n);
  }
});

test('fields that reach beyond the message are not in it', () => {
  const fields = [numberField('a', 0, 4), numberField('b', 4, 8)];
  const paths = (bytes: number) => fieldsInside(new DataView(new ArrayBuffer(bytes)), fields).map(({ path }) => path);
  assert.deepEqual([paths(3), paths(11), paths(12)], [[], ['a'], ['a', 'b']]);
});
