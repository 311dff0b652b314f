import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCHEDULE_CELLS, Schedule } from '../../../../src/host/faults/schedule.ts';
import type { FaultWhen } from '../../../../src/host/faults/spec.ts';

const { POSITIVE_INFINITY } = Number;
const ALWAYS: FaultWhen = {
  first: 1,
  step: 1,
  last: POSITIVE_INFINITY,
  probability: 1,
  seed: 0,
  count: POSITIVE_INFINITY,
};

/** The numbers of the struck calls of the first `calls`, made on each of `schedules` in turn. */
function struck(schedules: readonly Schedule[], calls: number): number[] {
  const numbers = Array.from({ length: calls }, (_, i) => i + 1);
  return numbers.filter((number) => schedules[number % schedules.length]?.next());
}

test('first, step, last, count', () => {
  const schedule = new Schedule({ ...ALWAYS, first: 3, step: 4, last: 15, count: 3 });
  assert.deepEqual(struck([schedule], 40), [3, 7, 11]);
  assert.deepEqual([schedule.calls, schedule.strikes], [40, 3]);
});

test('count 0 strikes at nothing', () => {
  assert.deepEqual(struck([new Schedule({ ...ALWAYS, count: 0 })], 5), []);
});

test('two over the same cells strike at the calls that one would strike at', () => {
  const rows: Partial<FaultWhen>[] = [
    { first: 3, step: 4, last: 90 },
    { count: 7 },
    { probability: 0.3, seed: 11 },
    { probability: 0.5, seed: 2, first: 10, step: 3, count: 9 },
  ];
  for (const row of rows) {
    const when = { ...ALWAYS, ...row };
    const alone = new Schedule(when);
    const cells = new BigInt64Array(new SharedArrayBuffer(8 * SCHEDULE_CELLS));
    const both = [new Schedule(when, cells), new Schedule(when, cells)];
    assert.deepEqual(struck(both, 200), struck([alone], 200), JSON.stringify(row));
    for (const schedule of both)
      assert.deepEqual([schedule.calls, schedule.strikes], [alone.calls, alone.strikes], JSON.stringify(row));
  }
});
