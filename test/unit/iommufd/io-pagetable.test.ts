/** The address space against a model that keeps a plain list and tries every place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IoPagetable } from '../../../src/iommufd/io-pagetable.ts';
import { Errno } from '../../../src/kernel/errno.ts';

const PAGE = 4096n;
const TOP = (1n << 64n) - 1n;
const HUGE = 2n << 20n;

interface Area {
  start: bigint;
  last: bigint;
  va: bigint;
  writable: boolean;
}

function result<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Errno) return error.name;
    throw error;
  }
}

/** iova_model.py of the oracle, which predicts the recorded kernels' answers; adjoining allowed ranges joined. */
function modelAllocate(areas: Area[], allowed: [bigint, bigint][], va: bigint, length: bigint, largest: bigint) {
  let align = 1n;
  while (align < length) align <<= 1n;
  if (va !== 0n && (va & -va) < align) align = va & -va;
  if (largest < align) align = largest;
  const candidate = (start: bigint, last: bigint) => {
    const at = ((start + align - 1n) & ~(align - 1n)) | (va % PAGE);
    return at >= last || last - at < length - 1n ? undefined : at;
  };
  const ranges: [bigint, bigint][] = [];
  for (const [start, last] of allowed.length > 0
    ? [...allowed].sort((a, b) => (a[0] < b[0] ? -1 : 1))
    : ([[0n, TOP]] as [bigint, bigint][])) {
    const previous = ranges.at(-1);
    if (previous !== undefined && previous[1] + 1n === start) previous[1] = last;
    else ranges.push([start, last]);
  }
  for (const [first, final] of ranges) {
    const start = first < PAGE ? PAGE : first;
    const end = final > TOP - PAGE ? TOP - PAGE : final;
    if (start > end) continue;
    let at = candidate(start, end);
    if (at === undefined) continue;
    const holes: [bigint, bigint][] = [];
    for (const area of [...areas].sort((a, b) => (a.start < b.start ? -1 : 1))) {
      if (area.last < at) continue;
      if (area.start > end) break;
      if (area.start > at) holes.push([at, area.start - 1n]);
      at = area.last + 1n;
    }
    if (at <= end) holes.push([at, end]);
    for (const [a, b] of holes) {
      const found = candidate(a, b);
      if (found !== undefined) return found;
    }
  }
  return 'ENOSPC';
}

const address = fc.oneof(
  fc.bigInt(0n, 16n).map((page) => page * PAGE),
  fc.bigInt(0n, 20n * PAGE),
  fc.bigInt(0n, 8n).map((huge) => huge * HUGE),
  fc.bigInt(TOP - 4n * PAGE, TOP),
);
const length = fc.oneof(
  fc.bigInt(1n, 6n).map((pages) => pages * PAGE),
  fc.bigInt(1n, 3n * PAGE),
  fc.constantFrom(HUGE, HUGE - 1n, 1n),
);
const step = fc.record({
  kind: fc.constantFrom('alloc', 'alloc', 'fixed', 'unmap', 'unmap', 'allow', 'pages'),
  va: address,
  iova: address,
  length,
  writable: fc.boolean(),
  allow: fc.array(fc.tuple(fc.bigInt(0n, 30n), fc.bigInt(1n, 6n)), { maxLength: 4 }),
});

describe('IoPagetable', () => {
  for (const largest of [PAGE, HUGE]) {
    it(`maps, unmaps and chooses IOVAs as the model does, alignment up to ${largest}`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const table = new IoPagetable(largest);
          let areas: Area[] = [];
          let allowed: [bigint, bigint][] = [];
          const overlaps = (start: bigint, last: bigint) => areas.filter((a) => a.last >= start && a.start <= last);
          for (const { kind, va, iova, length: bytes, writable, allow } of steps) {
            const last = iova + bytes - 1n;
            if (kind === 'alloc' && va + bytes <= TOP) {
              const expected = modelAllocate(areas, allowed, va, bytes, largest);
              assert.equal(
                result(() => table.map(va, bytes, undefined, writable)),
                expected,
              );
              if (typeof expected === 'bigint')
                areas.push({ start: expected, last: expected + bytes - 1n, va, writable });
            } else if (kind === 'fixed' && va + bytes <= TOP) {
              const expected = last > TOP ? 'EOVERFLOW' : overlaps(iova, last).length > 0 ? 'EEXIST' : iova;
              assert.equal(
                result(() => table.map(va, bytes, iova, writable)),
                expected,
              );
              if (expected === iova) areas.push({ start: iova, last, va, writable });
            } else if (kind === 'unmap' && last <= TOP) {
              const inside: Area[] = [];
              let cut = false;
              for (const area of overlaps(iova, last).sort((a, b) => (a.start < b.start ? -1 : 1))) {
                cut = area.start < iova || area.last > last;
                if (cut) break;
                inside.push(area);
              }
              const { bytes: unmapped, refusal } = table.unmap(iova, bytes);
              assert.equal(refusal?.name, cut ? 'ENOENT' : undefined);
              assert.equal(
                unmapped,
                inside.reduce((sum, area) => sum + area.last - area.start + 1n, 0n),
              );
              areas = areas.filter((area) => !inside.includes(area));
            } else if (kind === 'allow') {
              allowed = [];
              for (const [page, pages] of allow) {
                const start = page * PAGE;
                const end = start + pages * PAGE - 1n;
                if (!allowed.some(([a, b]) => b >= start && a <= end)) allowed.push([start, end]);
              }
              const ranges = [...allowed].sort((a, b) => (a[0] < b[0] ? -1 : 1));
              const joined: { start: bigint; last: bigint }[] = [];
              for (const [start, end] of ranges) {
                const previous = joined.at(-1);
                if (previous !== undefined && previous.last + 1n === start) previous.last = end;
                else joined.push({ start, last: end });
              }
              table.setAllowed(joined);
            } else if (kind === 'pages' && last <= TOP) {
              const found = overlaps(iova, last).sort((a, b) => (a.start < b.start ? -1 : 1));
              const covered = found.reduce((sum, area) => {
                const from = area.start > iova ? area.start : iova;
                const to = area.last < last ? area.last : last;
                return sum + to - from + 1n;
              }, 0n);
              const pieces = result(() => table.pagesOf(iova, bytes));
              if (covered !== bytes) assert.equal(pieces, 'ENOENT');
              else {
                const expected = found.map((area) => {
                  const from = area.start > iova ? area.start : iova;
                  const to = area.last < last ? area.last : last;
                  return { va: area.va + (from - area.start), length: to - from + 1n, writable: area.writable };
                });
                assert.deepEqual(pieces, expected);
              }
            }
          }
          assert.equal(table.size, areas.length);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('copies all or nothing', () => {
    const table = new IoPagetable(PAGE);
    table.map(0x100000n, PAGE, 0x10000n, true);
    table.map(0x200000n, PAGE, 0x11000n, false);
    const pieces = table.pagesOf(0x10000n, 2n * PAGE);
    assert.throws(() => table.mapPages(pieces, 2n * PAGE, 0x40000n, true), { name: 'EPERM' });
    assert.equal(table.size, 2);
    assert.equal(table.mapPages(pieces, 2n * PAGE, 0x40000n, false), 0x40000n);
    assert.equal(table.size, 4);
  });

  it('switches huge pages off only over whole pages, and then takes nothing else', () => {
    const table = new IoPagetable(PAGE);
    table.map(0x100001n, PAGE, 0x10000n, true);
    assert.throws(() => table.setHugePages(false), { name: 'EADDRINUSE' });
    assert.equal(table.hugePages, true);
    table.unmapAll();
    table.setHugePages(false);
    assert.throws(() => table.map(0x100000n, 100n, 0x10000n, true), { name: 'EINVAL' });
    assert.throws(() => table.map(0x100001n, PAGE, 0x10000n, true), { name: 'EINVAL' });
    assert.throws(() => table.map(0x100001n, PAGE, undefined, true), { name: 'EINVAL' });
    assert.equal(table.map(0x100000n, PAGE, undefined, true), PAGE);
  });

  it('cuts an area where it is asked to', () => {
    const table = new IoPagetable(PAGE);
    table.setHugePages(false);
    table.map(0x100000n, 4n * PAGE, 0x10000n, true);
    assert.throws(() => table.cut(0x10800n), { name: 'EINVAL' });
    table.cut(0x10fffn);
    table.cut(0x10fffn);
    assert.equal(table.size, 2);
    assert.deepEqual(table.pagesOf(0x11000n, PAGE), [{ va: 0x101000n, length: PAGE, writable: true }]);
  });
});
