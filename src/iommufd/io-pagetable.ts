/**
 * One IO address space without a domain: which IOVA ranges are mapped to which user memory. Follows struct io_pagetable
 * and drivers/iommu/iommufd/io_pagetable.c of Linux 6.12. With no device attached nothing is pinned and no memory is
 * looked at: a MAP of an address that is not mapped in the process is fine, and fails only when hardware comes.
 */
import { Errno } from '../kernel/errno.ts';
import { IntervalMap, type Place } from './interval-map.ts';
import { allocateIova, type IovaRange } from './iova-alloc.ts';
import { overflows, PAGE_SIZE, U64_MAX } from './u64.ts';

const NO_LENGTH = new Errno('EINVAL', 'length is 0, or within a page of 2^64', 'map at least one byte');
const NOTHING_TO_UNMAP = new Errno('EINVAL', 'length is 0', 'give a length, or iova 0 with length ~0 for everything');
const VA_WRAPS = new Errno('EOVERFLOW', 'user address + length wraps around', 'check both');
const IOVA_WRAPS = new Errno('EOVERFLOW', 'iova + length - 1 is beyond 2^64 - 1', 'check both');
const LENGTH_UNALIGNED = new Errno(
  'EINVAL',
  "length is not a multiple of the address space's alignment",
  'see out_iova_alignment of IOMMU_IOAS_IOVA_RANGES',
);
const IOVA_UNALIGNED = new Errno(
  'EINVAL',
  "iova is not a multiple of the address space's alignment",
  'see out_iova_alignment of IOMMU_IOAS_IOVA_RANGES',
);
const VA_UNALIGNED = new Errno(
  'EINVAL',
  "the user address, within its page, is not a multiple of the address space's alignment",
  'see out_iova_alignment of IOMMU_IOAS_IOVA_RANGES',
);
const TAKEN = new Errno('EEXIST', 'something in this IOVA range is mapped already', 'unmap it first');
const NOT_WRITABLE = new Errno(
  'EPERM',
  'IOMMU_IOAS_MAP_WRITEABLE asked of memory that was mapped into the source without it',
  'map the source writeable, or copy it readable only',
);
const NOT_MAPPED = new Errno(
  'ENOENT',
  'part of the source range is not mapped',
  'copy only what is mapped without a gap',
);
const CUTS_AN_AREA = new Errno(
  'ENOENT',
  'the range cuts an area that was mapped in one piece; areas below it in the range are gone',
  'unmap whole areas',
);
const CUT_UNALIGNED = new Errno('EINVAL', 'the range would cut an area at no page boundary', 'unmap whole pages');
const AREAS_UNALIGNED = new Errno(
  'EADDRINUSE',
  'huge pages cannot be switched off: an area that is mapped is not a number of whole pages',
  'unmap it, or switch huge pages off before mapping',
);

/** User memory that is to be mapped: a piece of one earlier MAP. */
export interface Pages {
  /** User address of the first byte. */
  readonly va: bigint;
  /** Bytes. */
  readonly length: bigint;
  /** Mapped with IOMMU_IOAS_MAP_WRITEABLE. */
  readonly writable: boolean;
}

/** What an unmap did, also where it was refused half way. */
export interface Unmapped {
  /** Bytes, modulo 2^64. */
  readonly bytes: bigint;
  readonly refusal: Errno | undefined;
}

export class IoPagetable {
  private readonly areas = new IntervalMap();
  /** Sorted, adjoining ranges joined; empty: everything. A hint for the allocation, nothing else. */
  private allowed: readonly IovaRange[] = [];
  private readonly largestAlignment: bigint;
  private largePages = true;

  /** `largestAlignment`: chosen IOVAs are aligned to it at the most; 2 MiB with transparent huge pages, else a page. */
  constructor(largestAlignment: bigint) {
    this.largestAlignment = largestAlignment;
  }

  get hugePages(): boolean {
    return this.largePages;
  }

  /** Every iova, length and offset must be a multiple of this: a byte, or a page with huge pages off. */
  get alignment(): bigint {
    return this.largePages ? 1n : PAGE_SIZE;
  }

  /** Areas that are mapped. */
  get size(): number {
    return this.areas.size;
  }

  /** Bytes of memory that the areas take. */
  get bytes(): number {
    return this.areas.bytes;
  }

  /** Throws EADDRINUSE when an area has no page alignment; nothing changes then. */
  setHugePages(on: boolean): void {
    if (!on && this.largePages && !this.allPageAligned()) throw AREAS_UNALIGNED;
    this.largePages = on;
  }

  setAllowed(ranges: readonly IovaRange[]): void {
    this.allowed = ranges;
  }

  /** iopt_map_user_pages(): maps user memory at `iova`, or, undefined, where there is room. Returns the IOVA. */
  map(va: bigint, length: bigint, iova: bigint | undefined, writable: boolean): bigint {
    if (length === 0n || length > U64_MAX - PAGE_SIZE) throw NO_LENGTH;
    if (overflows(va, length)) throw VA_WRAPS;
    return this.mapPages([{ va, length, writable }], length, iova, writable);
  }

  /** iopt_map_pages(): maps pieces one after the other as areas of their own. All or nothing. */
  mapPages(pieces: readonly Pages[], length: bigint, iova: bigint | undefined, write: boolean): bigint {
    const mask = this.alignment - 1n;
    if ((length & mask) !== 0n) throw LENGTH_UNALIGNED;
    const first = pieces[0] as Pages;
    const target = iova === undefined ? this.allocate(first.va, length) : this.free(iova, length, mask);
    for (const piece of pieces) {
      if (write && !piece.writable) throw NOT_WRITABLE;
      if ((piece.va & (PAGE_SIZE - 1n) & mask) !== 0n) throw VA_UNALIGNED;
    }
    let at = target;
    for (const { va, length: bytes, writable } of pieces) {
      this.areas.insert(at, at + bytes - 1n, va, writable);
      at += bytes;
    }
    return target;
  }

  /** iopt_get_pages(): the memory behind a range that is mapped without a gap. Throws EINVAL, EOVERFLOW, ENOENT. */
  pagesOf(iova: bigint, length: bigint): Pages[] {
    if (length === 0n) throw NO_LENGTH;
    if (overflows(iova, length - 1n)) throw IOVA_WRAPS;
    const end = iova + length;
    const pieces: Pages[] = [];
    for (let at = iova; at < end; ) {
      const place = this.areas.firstIn(at, at);
      if (place === 0) throw NOT_MAPPED;
      const past = this.areas.lastOf(place) + 1n;
      const bytes = (past < end ? past : end) - at;
      pieces.push({ va: this.addressOf(place, at), length: bytes, writable: this.areas.flagOf(place) });
      at += bytes;
    }
    return pieces;
  }

  /** iopt_unmap_iova(). Nothing there is no refusal: 0 bytes. Throws EINVAL, EOVERFLOW. */
  unmap(iova: bigint, length: bigint): Unmapped {
    if (length === 0n) throw NOTHING_TO_UNMAP;
    if (overflows(iova, length - 1n)) throw IOVA_WRAPS;
    return this.unmapRange(iova, iova + length - 1n);
  }

  /** iopt_unmap_all(). */
  unmapAll(): Unmapped {
    return this.unmapRange(0n, U64_MAX);
  }

  /** iopt_cut_iova(): makes an area that `iova` lies in end there. Throws EINVAL off the alignment. */
  cut(iova: bigint): void {
    const place = this.areas.firstIn(iova, iova);
    if (place === 0 || this.areas.lastOf(place) === iova) return;
    const va = this.addressOf(place, iova + 1n);
    if ((((iova + 1n) | va) & (this.alignment - 1n)) !== 0n) throw CUT_UNALIGNED;
    this.areas.split(place, iova, va);
  }

  private unmapRange(start: bigint, last: bigint): Unmapped {
    let bytes = 0n;
    for (let at = start; at <= last; ) {
      const place = this.areas.firstIn(at, last);
      if (place === 0) break;
      const areaStart = this.areas.startOf(place);
      const areaLast = this.areas.lastOf(place);
      if (areaStart < start || areaLast > last) return { bytes: bytes & U64_MAX, refusal: CUTS_AN_AREA };
      this.areas.remove(place);
      bytes += areaLast - areaStart + 1n;
      at = areaLast + 1n;
    }
    return { bytes: bytes & U64_MAX, refusal: undefined };
  }

  private allocate(va: bigint, length: bigint): bigint {
    return allocateIova(this.areas, this.allowed, va, length, this.alignment, this.largestAlignment);
  }

  /** iopt_check_iova(): the fixed place, when it may be used. */
  private free(iova: bigint, length: bigint, mask: bigint): bigint {
    if ((iova & mask) !== 0n) throw IOVA_UNALIGNED;
    if (overflows(iova, length - 1n)) throw IOVA_WRAPS;
    if (this.areas.firstIn(iova, iova + length - 1n) !== 0) throw TAKEN;
    return iova;
  }

  /** User address of the byte at `iova` in an area; wraps like the kernel's. */
  private addressOf(place: Place, iova: bigint): bigint {
    return (this.areas.valueOf(place) + (iova - this.areas.startOf(place))) & U64_MAX;
  }

  private allPageAligned(): boolean {
    const { areas } = this;
    for (let place = areas.firstIn(0n, U64_MAX); place !== 0; ) {
      const last = areas.lastOf(place);
      if (((areas.startOf(place) | (last + 1n) | areas.valueOf(place)) & (PAGE_SIZE - 1n)) !== 0n) return false;
      place = last === U64_MAX ? 0 : areas.firstIn(last + 1n, U64_MAX);
    }
    return true;
  }
}
