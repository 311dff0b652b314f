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

test('any sequence: as a sorted set would do', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (steps) => {
      const minors = new Minors(16);
      const free = new Set(Array.from({ length: 16 }, (_, i) => i));
      for (const step of steps) {
        if (step < 16 && !free.has(step)) {
          minors.free(step);
          free.add(step);
          continue;
        }
        const lowest = free.size === 0 ? undefined : Math.min(...free);
        assert.equal(minors.allocate(), lowest);
        if (lowest !== undefined) free.delete(lowest);
      }
    }),
  );
});
