/**
 * What one machine has once, as memory: for a machine whose devices are in several threads, each with a Host of its own. Without threads
 * the same classes have memory of their own.
 */
import type { AbiProfile } from '../abi/profiles.ts';
import { minorWords } from '../kernel/minors.ts';
import { RULE_CELLS } from './faults/plan.ts';
import type { FunctionSpec } from './host-device.ts';

/** Faults that can be added from start to end; 2 MiB, of which only what is used is ever touched. */
const FAULT_ROOM = 65536;

/**
 * What the groups of one machine's devices share: memory that every thread sees. A message to a thread (workerData) carries it; the copy
 * is of the same memory.
 */
export interface SharedState {
  /** Of Taint. */
  readonly taint: Int32Array;
  /** Of Minors: the numbers of fwctl devices. */
  readonly minors: Int32Array;
  /** Of Minors: the numbers of each driver's functions, which name its auxiliary devices. */
  readonly functions: Readonly<Record<FunctionSpec['driver'], Int32Array>>;
  /** Of FaultPlan. */
  readonly faults: BigInt64Array;
}

/** Of a machine that has just booted: all zero. */
export function sharedState({ maxDevices }: AbiProfile): SharedState {
  const numbers = () => int32(minorWords(maxDevices));
  const faults = FAULT_ROOM * RULE_CELLS * BigInt64Array.BYTES_PER_ELEMENT;
  return {
    taint: int32(1),
    minors: numbers(),
    functions: { mlx5: numbers(), raw: numbers() },
    faults: new BigInt64Array(new SharedArrayBuffer(faults)),
  };
}

function int32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}
