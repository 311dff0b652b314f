/** Drives a target for a time: how many inputs, how long the slowest took, and whether memory grew. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

export interface FuzzFigures {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly seconds: number;
  /** The slowest input, milliseconds; the collector's pauses are in it. */
  readonly slowestMs: number;
  /** Live heap after a collection: after the first tenth of the time, and at the end, bytes. */
  readonly heapStart: number;
  readonly heapEnd: number;
}

export class FuzzFailure extends Error {
  constructor(target: string, seed: number, inputs: number, note: string, cause: unknown) {
    const stack = cause instanceof Error ? cause.stack : String(cause);
    super(`${target}: input ${inputs} of seed ${seed}: ${note}\n${stack}`, { cause });
  }
}

/** An input that takes longer than this has hung, for the caller that waits. */
const LIMIT_MS = 2000;
/** Heap that may be gained between a tenth of the time and the end: a cache that fills, not a leak. */
const GROWTH_BYTES = 16 * 1024 * 1024;
/** Inputs between two looks at the clock. */
const BATCH = 64;

/** Throws FuzzFailure at the first input that breaks the claim. */
export function drive(target: FuzzTarget, seed: number, seconds: number): FuzzFigures {
  const collect = collector();
  const random = new Random(seed);
  const start = performance.now();
  const end = start + seconds * 1000;
  let inputs = 0;
  let slowestMs = 0;
  let heapStart = 0;
  let note = '';
  const keep = (text: string) => {
    note = text;
  };
  for (let now = start; now < end; now = performance.now()) {
    for (let i = 0; i < BATCH; i++) {
      const before = performance.now();
      try {
        target.run(random, keep);
      } catch (error) {
        throw new FuzzFailure(target.name, seed, inputs, note, error);
      }
      inputs++;
      const took = performance.now() - before;
      if (took > slowestMs) slowestMs = took;
      if (took > LIMIT_MS)
        throw new FuzzFailure(target.name, seed, inputs, note, new Error(`took ${took.toFixed(0)} ms`));
    }
    if (heapStart === 0 && now - start > (end - start) / 10) heapStart = liveHeap(collect);
  }
  const heapEnd = liveHeap(collect);
  if (heapStart !== 0 && heapEnd - heapStart > GROWTH_BYTES) {
    const grown = ((heapEnd - heapStart) / 1048576).toFixed(1);
    throw new FuzzFailure(target.name, seed, inputs, note, new Error(`the live heap has grown by ${grown} MiB`));
  }
  return {
    target: target.name,
    seed,
    inputs,
    seconds: (performance.now() - start) / 1000,
    slowestMs,
    heapStart,
    heapEnd,
  };
}

function liveHeap(collect: () => void): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
