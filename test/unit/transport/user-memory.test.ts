import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PAGE, PROT, type Prot, UserMemory } from '../../../src/transport/user-memory.ts';

test('copies stop at the first page that may not be used so, and cross mappings that touch', () => {
  const memory = new UserMemory();
  memory.map(0x10000, 2 * PAGE);
  memory.map(0x12000, PAGE, PROT.READ);
  memory.map(0x13000, PAGE, PROT.NONE);
  const buffer = new Uint8Array(5 * PAGE).fill(7);
  assert.equal(memory.write(0x11000, buffer, 0, 3 * PAGE), PAGE);
  assert.equal(memory.read(0x11000, buffer, 0, 3 * PAGE), 2 * PAGE);
  assert.equal(memory.clear(0x10ff0, 5 * PAGE), PAGE + 16);
  assert.equal(memory.read(0x13000, buffer, 0, 1), 0);
  assert.equal(memory.read(0xf000, buffer, 0, PAGE + 1), 0, 'a fault at the first byte');
  assert.equal(memory.read(2 ** 63, buffer, 0, 1), 0);
  assert.equal(memory.read(0, buffer, 0, 0), 0);
});

test('maps and views refuse what mmap would', () => {
  const memory = new UserMemory();
  memory.map(0x10000, PAGE);
  assert.throws(() => memory.map(0x10000, PAGE), RangeError);
  assert.throws(() => memory.map(0xf000, 2 * PAGE), RangeError);
  assert.throws(() => memory.map(0x20001, PAGE), RangeError);
  assert.throws(() => memory.map(0x20000, 100), RangeError);
  assert.throws(() => memory.map(0x20000, 0), RangeError);
  assert.throws(() => memory.view(0x10000, PAGE + 1), RangeError);
  assert.throws(() => memory.protect(0x90000, PAGE, PROT.READ), RangeError);
});

test('allocated pieces lie apart, with a hole behind each', () => {
  const memory = new UserMemory();
  const [a, b] = [memory.allocate(1), memory.allocate(PAGE + 1)];
  assert.equal(memory.clear(a, 10 * PAGE), PAGE);
  assert.equal(memory.clear(b, 10 * PAGE), 2 * PAGE);
});

test('any copy over any page protections: byte by byte it is the same', () => {
  const prots = fc.array(fc.constantFrom<Prot>(PROT.NONE, PROT.READ, PROT.READ_WRITE), { minLength: 4, maxLength: 4 });
  const place = fc.nat(4 * PAGE + 20);
  fc.assert(
    fc.property(prots, place, fc.oneof(fc.nat(80), fc.nat(3 * PAGE)), fc.boolean(), (pages, at, length, writing) => {
      const memory = new UserMemory();
      memory.map(PAGE, 4 * PAGE);
      const content = memory.view(PAGE, 4 * PAGE);
      for (let i = 0; i < content.length; i++) content[i] = (i * 7) & 0xff;
      const original = content.slice();
      pages.forEach((prot, i) => {
        memory.protect((i + 1) * PAGE, PAGE, prot);
      });
      const usable = (i: number): boolean => {
        const prot = pages[Math.floor(i / PAGE)] ?? PROT.NONE;
        return writing ? prot === PROT.READ_WRITE : prot !== PROT.NONE;
      };
      let expected = 0;
      while (expected < length && usable(at + expected)) expected++;
      const buffer = new Uint8Array(length + 2).fill(0xee);
      const done = writing ? memory.write(PAGE + at, buffer, 1, length) : memory.read(PAGE + at, buffer, 1, length);
      assert.equal(done, expected);
      if (writing) original.fill(0xee, at, at + done);
      else assert.deepEqual(buffer.slice(1, 1 + done), original.slice(at, at + done));
      assert.deepEqual(content, original);
      if (!writing) assert.ok(buffer[0] === 0xee && buffer.subarray(1 + done).every((byte) => byte === 0xee));
    }),
    { numRuns: 300 },
  );
});
