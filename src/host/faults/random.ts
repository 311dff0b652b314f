/** Random numbers that a seed decides: mulberry32, 32 bits of state, good enough to scatter faults. */

/** What the state grows by at each draw. */
const STEP = 0x6d2b79f5;

/**
 * Each call gives the next number in [0, 1). `drawn`: its first element is how far the state is from the seed, zero at first; threads that
 * share it share the sequence, and each number of it is drawn once.
 */
export function seededRandom(seed: number, drawn: BigInt64Array = new BigInt64Array(1)): () => number {
  const step = BigInt(STEP);
  return () => {
    const before = Number(BigInt.asIntN(32, Atomics.add(drawn, 0, step)));
    const state = ((seed | 0) + before + STEP) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
