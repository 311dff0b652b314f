import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type AbiProfile, abiProfile } from '../../../src/abi/profiles.ts';
import type { FwctlOps } from '../../../src/fwctl/ops.ts';
import { systemClock } from '../../../src/host/clock.ts';
import { DEFAULT_DEVICE } from '../../../src/host/defaults.ts';
import { readFault } from '../../../src/host/faults/parse.ts';
import { FaultPlan } from '../../../src/host/faults/plan.ts';
import { seededRandom } from '../../../src/host/faults/random.ts';
import { Host } from '../../../src/host/host.ts';
import { sharedState } from '../../../src/host/shared-state.ts';
import { TAINT_FWCTL, Taint } from '../../../src/kernel/taint.ts';
import { ScriptedDriver } from '../fwctl/machine.ts';
import type { Assignment } from './shared-state-thread.ts';

const abi = abiProfile('latest') as AbiProfile;
const THREADS = 2;
const LIMIT = { timeout: 60_000 };

const int32 = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
const bigint64 = (length: number) => new BigInt64Array(new SharedArrayBuffer(8 * length));
const ascending = (a: number, b: number) => a - b;
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What each of two threads answers that do the same work with the same memory at the same time. */
async function inThreads<T>(t: TestContext, work: Assignment['work'], changes: Partial<Assignment> = {}): Promise<T[]> {
  const assignment: Omit<Assignment, 'index'> = {
    work,
    threads: THREADS,
    barrier: int32(1),
    shared: sharedState(abi),
    owners: int32(abi.maxDevices),
    masks: int32(0),
    drawn: bigint64(1),
    faults: [],
    rounds: 0,
    ...changes,
  };
  const file = new URL('./shared-state-thread.js', import.meta.url);
  const workers = upTo(THREADS).map((index) => new Worker(file, { workerData: { ...assignment, index } }));
  // One that fails leaves the other waiting for it.
  t.after(() => Promise.all(workers.map((worker) => worker.terminate())));
  return Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0] as T));
}

test('minors: two threads get every number, none twice', LIMIT, async (t) => {
  const shared = sharedState(abi);
  const [first = [], second = []] = await inThreads<number[]>(t, 'allocate', { shared });
  assert.deepEqual([...first, ...second].sort(ascending), upTo(abi.maxDevices));
  assert.deepEqual(first, first.toSorted(ascending), 'each of them in order');
  assert.deepEqual(second, second.toSorted(ascending));
  assert.ok(shared.minors.every((word) => word === -1));
});

test("minors: a number that is taken is nobody else's; all come back", LIMIT, async (t) => {
  const shared = sharedState(abi);
  assert.deepEqual(await inThreads<number>(t, 'churn', { shared, rounds: 200_000 }), [0, 0]);
  assert.ok(shared.minors.every((word) => word === 0));
});

test('taint: of two threads that set it, one is told that it did', LIMIT, async (t) => {
  const masks = int32(1000);
  const [first = [], second = []] = await inThreads<number[]>(t, 'taint', { masks });
  assert.deepEqual([...first, ...second].sort(ascending), upTo(masks.length));
  assert.ok(masks.every((mask) => mask === 524288));
});

test('random numbers: two threads draw each number of the sequence once', LIMIT, async (t) => {
  const rounds = 200_000;
  const both = (await inThreads<number[]>(t, 'draw', { rounds })).flat();
  const alone = Array.from({ length: THREADS * rounds }, seededRandom(7));
  assert.deepEqual(both.sort(ascending), alone.sort(ascending));
});

test('faults: two threads together are struck as often as one would be', LIMIT, async (t) => {
  const rounds = 50_000;
  const rows: readonly [fault: string, strikes?: number][] = [
    ['rpc:error=EIO:when=99999', 1],
    ['rpc:error=EIO:every=7', Math.floor((THREADS * rounds) / 7)],
    ['rpc:error=EIO:when=1001..90000', 89_000],
    ['rpc:error=EIO:count=12345', 12_345],
    ['rpc:error=EIO:probability=0.3:seed=42'],
    ['rpc:error=EIO:every=3:probability=0.5:seed=1:count=10000', 10_000],
  ];
  const faults = rows.map(([fault]) => fault);
  const shared = sharedState(abi);
  const [first = [], second = []] = await inThreads<number[]>(t, 'strike', { shared, faults, rounds });

  const alone = new FaultPlan();
  for (const fault of faults) alone.add(readFault(fault));
  for (let call = 0; call < THREADS * rounds; call++)
    alone.strikes({ what: 'rpc', device: 'fwctl0', comm: () => 'one' });
  const expected = alone.list().map(({ strikes }) => strikes);
  rows.forEach(([fault, strikes], i) => assert.equal(expected[i], strikes ?? expected[i], fault));
  assert.deepEqual(
    faults.map((_, i) => (first[i] ?? 0) + (second[i] ?? 0)),
    expected,
  );
  const listed = new FaultPlan(shared.faults);
  for (const fault of faults) listed.add(readFault(fault));
  assert.deepEqual(listed.list(), alone.list());
});

test("hosts: the devices of two threads are numbered as one machine's", LIMIT, async (t) => {
  const shared = sharedState(abi);
  const rounds = 100;
  const answers = await inThreads<{ names: string[]; auxiliaries: string[] }>(t, 'plug', { shared, rounds });
  const all = upTo(THREADS * rounds);
  const sorted = (names: readonly string[]) => names.toSorted();
  assert.deepEqual(sorted(answers.flatMap(({ names }) => names)), sorted(all.map((number) => `fwctl${number}`)));
  assert.deepEqual(
    sorted(answers.flatMap(({ auxiliaries }) => auxiliaries)),
    sorted(all.map((number) => `mlx5_core.fwctl.${number}`)),
  );
  assert.equal(new Taint(shared.taint).add(TAINT_FWCTL), false);
});

test('hosts over the same memory: a number is free again for either', () => {
  const shared = sharedState(abi);
  const first = new Host({ abi, clock: systemClock, shared });
  const second = new Host({ abi, clock: systemClock, shared });
  assert.equal(first.plug({ ...DEFAULT_DEVICE, pci: '0000:00:01.0' }).name, 'fwctl0');
  const other = second.plug({ ...DEFAULT_DEVICE, pci: '0000:00:02.0' });
  assert.equal(other.name, 'fwctl1');
  assert.equal(other.auxiliary?.device, 'mlx5_core.fwctl.1');
  first.unplug('fwctl0');
  const again = second.plug({ ...DEFAULT_DEVICE, pci: '0000:00:03.0' });
  assert.equal(again.name, 'fwctl0');
  assert.equal(again.auxiliary?.device, 'mlx5_core.fwctl.0');
  const raw = first.plug({ ...DEFAULT_DEVICE, driver: 'raw', pci: '0000:00:04.0' });
  assert.equal(raw.name, 'fwctl2', "of one row with the other driver's");
  first.taint.add(TAINT_FWCTL);
  assert.equal(second.taint.value, 524288);
});

test('a wanted number: the lowest free one from there on; what stands behind the device goes first', () => {
  const host = new Host({ abi, clock: systemClock });
  assert.equal(host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:01.0' }, 7).name, 'fwctl7');
  assert.equal(host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:02.0' }, 7).name, 'fwctl8');
  assert.equal(host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:03.0' }).name, 'fwctl0');
  assert.throws(() => host.plug({ ...DEFAULT_DEVICE, pci: '0000:00:04.0' }, abi.maxDevices), { name: 'ENOMEM' });
  const probe = () => ({ ops: new ScriptedDriver() as FwctlOps<unknown>, minor: 40 });
  const wanting = new Host({ abi, clock: systemClock, probe });
  assert.equal(wanting.plug(DEFAULT_DEVICE, 7).name, 'fwctl40');
});
