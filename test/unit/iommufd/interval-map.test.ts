import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IntervalMap } from '../../../src/iommufd/interval-map.ts';

interface Interval {
  start: bigint;
  last: bigint;
  value: bigint;
  flag: boolean;
}

const TOP = (1n << 64n) - 1n;

/** The same by an array that is searched from its start. */
class NaiveMap {
  list: Interval[] = [];

  firstIn(start: bigint, last: bigint): Interval | undefined {
    return this.list.find((one) => one.last >= start && one.start <= last);
  }

  insert(one: Interval): void {
    this.list.push(one);
    this.list.sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  holes(from: bigint, to: bigint): [bigint, bigint][] {
    const holes: [bigint, bigint][] = [];
    let at = from;
    for (const { start, last } of this.list) {
      if (last < at) continue;
      if (start > to) break;
      if (start > at) holes.push([at, start - 1n]);
      at = last + 1n;
    }
    if (at <= to) holes.push([at, to]);
    return holes;
  }
}

function compare(map: IntervalMap, naive: NaiveMap): void {
  map.check();
  const list: Interval[] = [];
  for (let place = map.firstIn(0n, TOP); place !== 0; ) {
    const last = map.lastOf(place);
    list.push({ start: map.startOf(place), last, value: map.valueOf(place), flag: map.flagOf(place) });
    place = last === TOP ? 0 : map.firstIn(last + 1n, TOP);
  }
  assert.deepEqual(list, naive.list);
}

/** Small numbers meet each other; large ones reach both halves of a u64 and its ends. */
const point = fc.oneof(
  fc.bigInt(0n, 40n),
  fc.bigInt(TOP - 40n, TOP),
  fc.bigInt((1n << 32n) - 20n, (1n << 32n) + 20n),
  fc.bigInt(0n, TOP),
);
const range = fc.tuple(point, point).map(([a, b]) => (a < b ? { start: a, last: b } : { start: b, last: a }));
const short = fc.tuple(point, fc.bigInt(0n, 6n)).map(([start, more]) => {
  return { start, last: start + more > TOP ? TOP : start + more };
});
const action = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'insert', 'remove', 'find', 'hole', 'split'),
  range: fc.oneof({ weight: 4, arbitrary: short }, { weight: 1, arbitrary: range }),
  length: fc.oneof(fc.bigInt(1n, 12n), fc.bigInt(1n, TOP >> 1n)),
  flag: fc.boolean(),
});

describe('IntervalMap', () => {
  it('does what a sorted array does', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const map = new IntervalMap();
        const naive = new NaiveMap();
        for (const { kind, range: asked, length, flag } of actions) {
          const { start, last } = asked;
          const known = naive.firstIn(start, last);
          const place = map.firstIn(start, last);
          assert.equal(place === 0, known === undefined);
          if (known !== undefined) assert.equal(map.startOf(place), known.start);
          if (kind === 'insert' && known === undefined) {
            map.insert(start, last, length, flag);
            naive.insert({ start, last, value: length, flag });
          } else if (kind === 'remove' && known !== undefined) {
            map.remove(place);
            naive.list.splice(naive.list.indexOf(known), 1);
          } else if (kind === 'split' && known !== undefined && known.start < known.last) {
            const at = known.start + (length % (known.last - known.start));
            map.split(place, at, 77n);
            naive.insert({ ...known, start: at + 1n, value: 77n });
            known.last = at;
          } else if (kind === 'hole') {
            const from = start === 0n ? 1n : start;
            const to = last === TOP ? TOP - 1n : last;
            const fit = (a: bigint, b: bigint) => (b - a + 1n >= length && (!flag || a % 2n === 0n) ? a : undefined);
            const first = naive.holes(from, to).find(([a, b]) => fit(a, b) !== undefined);
            assert.equal(map.findHole(from, to, length, fit), first?.[0]);
          }
          assert.equal(map.size, naive.list.length);
        }
        compare(map, naive);
      }),
      { numRuns: 400 },
    );
  });

  it('stays balanced and exact over thousands of inserts and removes in bad orders', () => {
    const orders: ((i: number, n: number) => number)[] = [
      (i) => i,
      (i, n) => n - 1 - i,
      (i, n) => (i % 2 === 0 ? i : n - i),
      (i, n) => (i * 1237) % n,
    ];
    for (const order of orders) {
      const map = new IntervalMap();
      const n = 4096;
      for (let i = 0; i < n; i++) map.insert(BigInt(order(i, n)) * 16n, BigInt(order(i, n)) * 16n + 7n, 0n, false);
      map.check();
      for (let i = 0; i < n; i += 3) map.remove(map.firstIn(BigInt(order(i, n)) * 16n, BigInt(order(i, n)) * 16n));
      map.check();
      assert.equal(map.size, n - Math.ceil(n / 3));
    }
  });

  it('takes at most 200 bytes a mapping at 100,000 of them', () => {
    const map = new IntervalMap();
    for (let i = 0n; i < 100_000n; i++) map.insert(i << 12n, (i << 12n) + 4095n, i, true);
    assert.ok(map.bytes / map.size <= 200, `${map.bytes / map.size} bytes`);
  });

  it('finds the lowest of many holes that are wide enough without trying the narrow ones', () => {
    const map = new IntervalMap();
    for (let i = 1n; i <= 50_000n; i++) map.insert(i << 13n, (i << 13n) + 4095n, i, true);
    let tried = 0;
    const fit = (start: bigint, last: bigint) => {
      tried++;
      return last - start >= 8191n ? start : undefined;
    };
    map.remove(map.firstIn(40_000n << 13n, 40_000n << 13n));
    assert.equal(map.findHole(1n << 13n, TOP - 4096n, 8192n, fit), (39_999n << 13n) + 4096n);
    assert.equal(tried, 1);
  });

  it('refuses to remove what is not there', () => {
    const map = new IntervalMap();
    map.insert(1n, 2n, 0n, false);
    const place = map.firstIn(1n, 1n);
    map.remove(place);
    assert.throws(() => map.remove(place));
  });
});
