import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Minors } from '../../../src/kernel/minors.ts';

test('always the lowest free number, and none beyond the limit', () => {
  const minors = new Minors(4);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map(() => minors.allocate()),
    [0, 1, 2, 3, undefined],
  );
  minors.free(2);
  minors.free(1);
  assert.deepEqual(
    [0, 1, 2].map(() => minors.allocate()),
    [1, 2, undefined],
  );
});

test('a number freed twice, or never given, is an error', () => {
  const minors = new Minors(4);
  minors.allocate();
  minors.free(0);
  assert.throws(() => minors.free(0), RangeError);
  assert.throws(() => minors.free(3), RangeError);
  assert.throws(() => minors.free(99), RangeError);
});

test('any sequence, from any number on: as a sorted set would do', () => {
  const count = 70;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: -2, max: count + 2 })), { maxLength: 300 }),
      (steps) => {
        const minors = new Minors(count);
        const free = new Set(Array.from({ length: count }, (_, i) => i));
        for (const [give, number] of steps) {
          if (give) {
            if (number >= 0 && number < count && !free.has(number)) minors.free(number);
            else assert.throws(() => minors.free(number), RangeError);
            if (number >= 0 && number < count) free.add(number);
            continue;
          }
          // Most start low, so that the lower words fill up.
          const from = number % 5 === 0 ? number : number % 3;
          const lowest = [...free].filter((one) => one >= from).sort((a, b) => a - b)[0];
          assert.equal(minors.allocate(from), lowest);
          if (lowest !== undefined) free.delete(lowest);
        }
      },
    ),
  );
});

test('all 4096, then none; from beyond the last, none', () => {
  const minors = new Minors(4096);
  for (let minor = 0; minor < 4096; minor++) assert.equal(minors.allocate(), minor);
  assert.equal(minors.allocate(), undefined);
  minors.free(31);
  minors.free(4095);
  assert.equal(minors.allocate(32), 4095);
  assert.equal(minors.allocate(4096), undefined);
  assert.equal(minors.allocate(2 ** 40), undefined);
  assert.equal(minors.allocate(31), 31);
});
