import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WallTime } from '../../../../../src/host/interceptors/trace/trace-time.ts';
import { HandClock } from './trace-fixture.ts';

test('microseconds come from the monotonic clock', () => {
  const clock = new HandClock();
  const wall = new WallTime(clock);
  const start = clock.wall * 1000;
  clock.ns += 1_234_000;
  // the wall clock has only seen whole milliseconds
  clock.wall += 1;
  assert.equal(wall.now(), start + 1234);
  assert.equal(wall.usAt(clock.ns - 234_000), start + 1000);
});

test('a wall clock that is set is followed', () => {
  const clock = new HandClock();
  const wall = new WallTime(clock);
  clock.pass(10);
  clock.wall -= 3_600_000;
  assert.equal(wall.now(), clock.wall * 1000);
  clock.pass(5);
  assert.equal(wall.now(), clock.wall * 1000);
});
