/**
 * IOMMU_IOAS_ALLOW_IOVAS and IOMMU_IOAS_IOVA_RANGES: which IOVAs are preferred, which can be used. Follows
 * iommufd_ioas_allow_iovas() and iommufd_ioas_iova_ranges() of drivers/iommu/iommufd/ioas.c.
 */
import { allowIovas, iovaRange, iovaRanges } from '../abi/iommufd.ts';
import { type Call, FRAME } from '../kernel/call.ts';
import { Errno } from '../kernel/errno.ts';
import { respond } from '../kernel/ucmd.ts';
import type { IommufdContext } from './context.ts';
import { setU32, setU64, u32, u64 } from './fields.ts';
import { IntervalMap } from './interval-map.ts';
import { ioasOf } from './ioas.ts';
import type { IovaRange } from './iova-alloc.ts';
import { RESERVED_NOT_ZERO } from './refusals.ts';
import { U64_MAX } from './u64.ts';

const ENTRY_UNREADABLE = new Errno(
  'EFAULT',
  'an entry of allowed_iovas cannot be read',
  'map the array, and set num_iovas to its length',
);
const EMPTY_RANGE = new Errno(
  'EINVAL',
  'an entry has start >= last',
  'last is inclusive; a range has two bytes at least',
);
const OVERLAP = new Errno('EINVAL', 'an entry overlaps an earlier one', 'join them');
const ARRAY_TOO_SHORT = new Errno(
  'EMSGSIZE',
  'there are more ranges than num_iovas had room for; num_iovas now says how many',
  'call again with an array of that length',
);

/** Where the next entry's address stands in the frame, behind any structure of ours; entries are at FRAME.in. */
const CURSOR = FRAME.ucmd + 0x400;
const PAGE = 4096;

/** Replaces the whole list; on a refusal the old one stays. Throws EOPNOTSUPP, ENOENT, EFAULT, EINVAL. */
export function ioasAllowIovas(context: IommufdContext, call: Call): number {
  if (u32(call, allowIovas.reserved) !== 0) throw RESERVED_NOT_ZERO;
  const ioas = ioasOf(context, u32(call, allowIovas.ioasId));
  const ranges = loadRanges(call, u64(call, allowIovas.allowedIovas), u32(call, allowIovas.numIovas));
  ioas.pagetable.setAllowed(joined(ranges));
  return 0;
}

/** iommufd_ioas_load_iovas(): entry by entry, so the first fault decides; read by the page, never beyond it. */
function loadRanges(call: Call, array: bigint, count: number): IntervalMap {
  const ranges = new IntervalMap();
  for (let index = 0; index < count; ) {
    const address = (array + BigInt(index) * BigInt(iovaRange.bytes)) & U64_MAX;
    const inPage = Math.floor((PAGE - Number(address % BigInt(PAGE))) / iovaRange.bytes);
    const entries = Math.min(Math.max(1, inPage), count - index);
    const bytes = entries * iovaRange.bytes;
    call.view.setBigUint64(CURSOR, address, true);
    if (call.copyFromUser(CURSOR, 0, FRAME.in, bytes) !== bytes) throw ENTRY_UNREADABLE;
    for (let entry = 0; entry < entries; entry++) addRange(ranges, call.view, FRAME.in + entry * iovaRange.bytes);
    index += entries;
  }
  return ranges;
}

function addRange(ranges: IntervalMap, view: DataView, at: number): void {
  const start = view.getBigUint64(at + iovaRange.start, true);
  const last = view.getBigUint64(at + iovaRange.last, true);
  if (start >= last) throw EMPTY_RANGE;
  if (ranges.firstIn(start, last) !== 0) throw OVERLAP;
  ranges.insert(start, last, 0n, false);
}

/** Sorted, adjoining ranges as one: interval_tree_span_iter of lib/interval_tree.c walks them so. */
function joined(ranges: IntervalMap): IovaRange[] {
  const list: IovaRange[] = [];
  for (let place = ranges.firstIn(0n, U64_MAX); place !== 0; ) {
    const start = ranges.startOf(place);
    const last = ranges.lastOf(place);
    const previous = list.at(-1);
    if (previous !== undefined && previous.last + 1n === start) list[list.length - 1] = { start: previous.start, last };
    else list.push({ start, last });
    place = last === U64_MAX ? 0 : ranges.firstIn(last + 1n, U64_MAX);
  }
  return list;
}

/** Without a device one range, everything. Throws EOPNOTSUPP, ENOENT, EFAULT, EMSGSIZE (all written all the same). */
export function ioasIovaRanges(context: IommufdContext, call: Call): number {
  if (u32(call, iovaRanges.reserved) !== 0) throw RESERVED_NOT_ZERO;
  const ioas = ioasOf(context, u32(call, iovaRanges.ioasId));
  const room = u32(call, iovaRanges.numIovas);
  if (room > 0) {
    call.view.setBigUint64(FRAME.in + iovaRange.start, 0n, true);
    call.view.setBigUint64(FRAME.in + iovaRange.last, U64_MAX, true);
    call.copyToUser(FRAME.ucmd + iovaRanges.allowedIovas, 0, FRAME.in, iovaRange.bytes);
  }
  setU32(call, iovaRanges.numIovas, 1);
  setU64(call, iovaRanges.outIovaAlignment, ioas.pagetable.alignment);
  respond(call, iovaRanges.bytes);
  if (room < 1) throw ARRAY_TOO_SHORT;
  return 0;
}
