/**
 * One of the threads of shared-state.test.ts: does what all others do at the same time with the same memory, and posts what came of it.
 * Each piece of work begins when all threads are there.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type AbiProfile, abiProfile } from '../../../src/abi/profiles.ts';
import { systemClock } from '../../../src/host/clock.ts';
import { DEFAULT_DEVICE } from '../../../src/host/defaults.ts';
import { readFault } from '../../../src/host/faults/parse.ts';
import { FaultPlan, type FaultPoint } from '../../../src/host/faults/plan.ts';
import { seededRandom } from '../../../src/host/faults/random.ts';
import { Host } from '../../../src/host/host.ts';
import type { SharedState } from '../../../src/host/shared-state.ts';
import { Minors } from '../../../src/kernel/minors.ts';
import { TAINT_FWCTL, Taint } from '../../../src/kernel/taint.ts';

export interface Assignment {
  readonly work: keyof typeof WORK;
  /** How many threads, and which this is, from 0. */
  readonly threads: number;
  readonly index: number;
  /** How many threads have come to a barrier so far. */
  readonly barrier: Int32Array;
  readonly shared: SharedState;
  /** Of `churn`: 1 + the thread that has the number. Of `taint`: a mask for each round. Of `draw`: the sequence. */
  readonly owners: Int32Array;
  readonly masks: Int32Array;
  readonly drawn: BigInt64Array;
  readonly faults: readonly string[];
  readonly rounds: number;
}

const abi = abiProfile('latest') as AbiProfile;
const POINT: FaultPoint = { what: 'rpc', device: 'fwctl0', comm: () => 'thread' };

/** All threads go on together, as nearly as can be. */
function meet({ barrier, threads }: Assignment): void {
  const arrived = Atomics.add(barrier, 0, 1) + 1;
  const all = Math.ceil(arrived / threads) * threads;
  let turns = 0;
  for (let seen = arrived; seen < all; seen = Atomics.load(barrier, 0)) {
    // Awake at first, to go on at once; with one processor nobody else comes until this thread sleeps.
    if (++turns > 20_000) Atomics.wait(barrier, 0, seen, 1);
  }
}

const WORK = {
  /** All the numbers that this thread gets until there is none. */
  allocate({ shared }: Assignment): number[] {
    const minors = new Minors(abi.maxDevices, shared.minors);
    const own: number[] = [];
    for (let minor = minors.allocate(); minor !== undefined; minor = minors.allocate()) own.push(minor);
    return own;
  },

  /** Takes and gives back some numbers, over and over: how often one that was given out belonged to somebody. */
  churn({ shared, owners, rounds, index }: Assignment): number {
    const minors = new Minors(abi.maxDevices, shared.minors);
    let wrong = 0;
    for (let round = 0; round < rounds; round++) {
      const own = [0, 0, 0].map(() => minors.allocate() as number);
      for (const minor of own) if (Atomics.compareExchange(owners, minor, 0, index + 1) !== 0) wrong++;
      for (const minor of own) {
        if (Atomics.compareExchange(owners, minor, index + 1, 0) !== index + 1) wrong++;
        minors.free(minor);
      }
    }
    return wrong;
  },

  /** The masks that were this thread's to taint. */
  taint(assignment: Assignment): number[] {
    const { masks } = assignment;
    const taints = Array.from(masks, (_, round) => new Taint(masks.subarray(round, round + 1)));
    return taints.flatMap((taint, round) => {
      meet(assignment);
      return taint.add(TAINT_FWCTL) ? [round] : [];
    });
  },

  /** Numbers of a random sequence. */
  draw({ drawn, rounds }: Assignment): number[] {
    return Array.from({ length: rounds }, seededRandom(7, drawn));
  },

  /** How often each fault struck. */
  strike({ shared, faults, rounds }: Assignment): number[] {
    const plan = new FaultPlan(shared.faults);
    for (const fault of faults) plan.add(readFault(fault));
    const struck = faults.map(() => 0);
    for (let round = 0; round < rounds; round++)
      for (const { id } of plan.strikes(POINT)) struck[id - 1] = (struck[id - 1] ?? 0) + 1;
    return struck;
  },

  /** Names of the devices that it plugs, and of their auxiliary devices. */
  plug({ shared, rounds, index }: Assignment): { names: string[]; auxiliaries: (string | undefined)[] } {
    const host = new Host({ abi, clock: systemClock, shared });
    const devices = Array.from({ length: rounds }, (_, i) => {
      const pci = `000${index}:00:${i.toString(16).padStart(2, '0')}.0`;
      return host.plug({ ...DEFAULT_DEVICE, firmware: 'loopback', pci });
    });
    host.taint.add(TAINT_FWCTL);
    return { names: devices.map(({ name }) => name), auxiliaries: devices.map(({ auxiliary }) => auxiliary?.device) };
  },
};

const assignment = workerData as Assignment;
meet(assignment);
parentPort?.postMessage(WORK[assignment.work](assignment));
