import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../src/host/faults/random.ts';

/** mulberry32 as it is published. */
function mulberry32(seed: number): () => number {
  let a = seed;
  return () => {
    a |= 0;
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const draws = (random: () => number, count: number) => Array.from({ length: count }, random);

test('the sequence of mulberry32, from any seed', () => {
  for (const seed of [0, 1, -1, 42, 0x7fffffff, 0x80000000, 0xffffffff, 2 ** 32 + 7, 2 ** 53 - 1])
    assert.deepEqual(draws(seededRandom(seed), 1000), draws(mulberry32(seed), 1000), `seed ${seed}`);
});

test('two over the same memory draw from one sequence', () => {
  const drawn = new BigInt64Array(1);
  const [first, second] = [seededRandom(5, drawn), seededRandom(5, drawn)];
  const [a, b, c] = draws(mulberry32(5), 3);
  assert.deepEqual([first(), second(), first()], [a, b, c]);
});

test('the sequence goes on where the 64 bits of the memory turn over', () => {
  const step = 0x6d2b79f5n;
  const drawn = BigInt64Array.of(2n ** 63n - step);
  const reference = mulberry32(Number(BigInt.asIntN(32, -step)));
  assert.deepEqual(draws(seededRandom(0, drawn), 3), draws(reference, 3));
});
