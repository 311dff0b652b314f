import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex, unhex } from '../../../src/abi/hex.ts';

test('hex and back, also of as much as an NVM has', () => {
  const bytes = Uint8Array.from({ length: 4 << 20 }, (_, i) => i * 7);
  assert.ok(Buffer.from(bytes).equals(unhex(hex(bytes)) as Uint8Array));
});

test('what is no pairs of hex digits', () => {
  for (const text of ['0', '0g', 'AB', ' 00', '00\n']) assert.equal(unhex(text), undefined, text);
  assert.deepEqual(unhex(''), new Uint8Array(0));
});
