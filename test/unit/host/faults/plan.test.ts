import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFault } from '../../../../src/host/faults/parse.ts';
import { FaultPlan, type FaultPoint, RULE_CELLS } from '../../../../src/host/faults/plan.ts';

const POINT: FaultPoint = { what: 'rpc', device: 'fwctl0', comm: () => 'test' };
const room = (rules: number) => new BigInt64Array(new SharedArrayBuffer(8 * RULE_CELLS * rules));
const struckIds = (plan: FaultPlan) => plan.strikes(POINT).map(({ id }) => id);
const counts = (plan: FaultPlan) => plan.list().map(({ id, calls, strikes }) => [id, calls, strikes]);

test('two plans over the same cells count together, each fault by its number', () => {
  const cells = room(3);
  const plans = [new FaultPlan(cells), new FaultPlan(cells)] as const;
  for (const plan of plans) {
    plan.add(readFault('rpc:error=EIO:when=3'));
    plan.add(readFault('rpc:error=EIO:count=2'));
  }
  const [first, second] = plans;
  assert.deepEqual([struckIds(first), struckIds(second), struckIds(second), struckIds(first)], [[2], [2], [1], []]);
  for (const plan of plans) {
    assert.deepEqual(counts(plan), [
      [1, 4, 1],
      [2, 4, 2],
    ]);
  }
});

test('a fault that one plan adds later has the counts of the others', () => {
  const cells = room(1);
  const [first, second] = [new FaultPlan(cells), new FaultPlan(cells)];
  first.add(readFault('rpc:error=EIO:when=2'));
  assert.deepEqual(struckIds(first), []);
  second.add(readFault('rpc:error=EIO:when=2'));
  assert.deepEqual(struckIds(second), [1]);
});

test('the bits that are flipped come from one sequence, and not from that of the calls', () => {
  const text = 'rpc:flip=1:probability=0.5:seed=9';
  const draw = (plans: readonly FaultPlan[]) =>
    Array.from({ length: 40 }, (_, i) => plans[i % plans.length]?.strikes(POINT).map(({ random }) => random()));
  const alone = new FaultPlan();
  const cells = room(1);
  const both = [new FaultPlan(cells), new FaultPlan(cells)];
  for (const plan of [alone, ...both]) plan.add(readFault(text));
  assert.deepEqual(draw(both), draw([alone]));
});

test('a snapshot puts faults back under new numbers, with counts of 0', () => {
  const plan = new FaultPlan(room(3));
  plan.add(readFault('rpc:error=EIO:when=1'));
  const restore = plan.snapshot();
  assert.deepEqual(struckIds(plan), [1]);
  restore();
  assert.deepEqual(counts(plan), [[2, 0, 0]]);
  assert.deepEqual(struckIds(plan), [2]);
});

test('more faults than there are cells are refused; without cells there is no limit', () => {
  const fault = readFault('rpc:error=EIO');
  const plan = new FaultPlan(room(2));
  assert.equal(plan.add(fault), 1);
  assert.equal(plan.remove(1), true);
  assert.equal(plan.add(fault), 2);
  for (let again = 0; again < 2; again++) {
    assert.throws(
      () => plan.add(fault),
      /^Error: so many faults cannot be shared by threads: there is room for 2 in all; .*$/,
    );
  }
  assert.deepEqual(struckIds(plan), [2]);
  const alone = new FaultPlan();
  for (let id = 1; id < 100; id++) assert.equal(alone.add(fault), id);
});
