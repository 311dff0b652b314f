/**
 * The IOVA of a MAP without FIXED_IOVA: iopt_alloc_iova() of drivers/iommu/iommufd/io_pagetable.c. The lowest place in
 * the allowed ranges, aligned as the user address (huge pages can stay huge), whatever was answered before.
 */
import { Errno } from '../kernel/errno.ts';
import type { IntervalMap } from './interval-map.ts';
import { PAGE_SIZE, U64_MAX } from './u64.ts';

/** An inclusive range. */
export interface IovaRange {
  readonly start: bigint;
  readonly last: bigint;
}

const TOO_LONG_TO_ALIGN = new Errno(
  'EOVERFLOW',
  'length is at or above 2^63 - 1, for which no IOVA is chosen',
  'use a shorter length, or IOMMU_IOAS_MAP_FIXED_IOVA',
);
const NOT_ALIGNABLE = new Errno(
  'EINVAL',
  "the user address is less aligned than the address space's alignment",
  'use memory that begins on a page',
);
const NO_ROOM = new Errno(
  'ENOSPC',
  'no free IOVA range of that length and alignment is left in the allowed ranges',
  'unmap something, allow more with IOMMU_IOAS_ALLOW_IOVAS, or map shorter pieces',
);

/** Neither the first page nor the last is ever chosen. */
const LOWEST = PAGE_SIZE;
const HIGHEST = U64_MAX - PAGE_SIZE;
const EVERYTHING: readonly IovaRange[] = [{ start: LOWEST, last: HIGHEST }];

/**
 * The IOVA for `length` bytes at user address `va`. `allowed`: sorted, none adjoin; empty: everything. `alignment` is
 * the address space's, `largest` what huge pages suggest (a page without them). Throws EOVERFLOW, EINVAL, ENOSPC.
 */
export function allocateIova(
  areas: IntervalMap,
  allowed: readonly IovaRange[],
  va: bigint,
  length: bigint,
  alignment: bigint,
  largest: bigint,
): bigint {
  if (length >= U64_MAX >> 1n) throw TOO_LONG_TO_ALIGN;
  const step = alignmentOf(va, length, largest);
  if (step < alignment) throw NOT_ALIGNABLE;
  const offset = va & (PAGE_SIZE - 1n);
  /** The first place in a free range; a range whose last byte is the candidate itself is never used. */
  const place = (start: bigint, last: bigint): bigint | undefined => {
    const candidate = ((start + step - 1n) & ~(step - 1n)) | offset;
    return candidate < last && last - candidate >= length - 1n ? candidate : undefined;
  };
  for (const range of allowed.length === 0 ? EVERYTHING : allowed) {
    const start = range.start > LOWEST ? range.start : LOWEST;
    const last = range.last < HIGHEST ? range.last : HIGHEST;
    const from = start > last ? undefined : place(start, last);
    if (from === undefined) continue;
    const found = areas.findHole(from, last, length, place);
    if (found !== undefined) return found;
  }
  throw NO_ROOM;
}

/** The least of: length up to a power of two, the lowest set bit of the address (none in 0), `largest`. */
function alignmentOf(va: bigint, length: bigint, largest: bigint): bigint {
  let step = largest;
  while (step > 1n && step >> 1n >= length) step >>= 1n;
  const ofAddress = va & -va;
  return ofAddress !== 0n && ofAddress < step ? ofAddress : step;
}
