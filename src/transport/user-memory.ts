/**
 * A process's address space for callers that live in this process: page-granular mappings at any user address, and the
 * kernel's copying rules over them (copy_from_user, copy_to_user, clear_user): a fault stops the copy at the page's
 * edge. Addresses are numbers below 2^53; nothing can be mapped above, so the addresses there simply fault.
 */

/** mmap protections. Writable memory is readable too, as on x86 and arm64. */
export const PROT = { NONE: 0, READ: 1, READ_WRITE: 3 } as const;
export type Prot = (typeof PROT)[keyof typeof PROT];

export const PAGE = 4096;

const WRITE_BIT = 2;
/** Copies up to this long are made byte by byte: cheaper than two views. */
const SHORT = 64;
/** Where `allocate` starts: above everything that a small program maps by hand. */
const ALLOCATE_FROM = 0x7f0000000000;

interface Region {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  /** Protection of each page. */
  readonly prot: Uint8Array;
}

export class UserMemory {
  private readonly regions: Region[] = [];
  /** Most copies hit the region of the one before, or its neighbour in the list. */
  private recent: Region | undefined;
  private next = ALLOCATE_FROM;

  /** Maps zeroed memory; both numbers are multiples of PAGE. Throws RangeError if not, or where something is. */
  map(address: number, length: number, prot: Prot = PROT.READ_WRITE): void {
    const end = address + length;
    if (address % PAGE !== 0 || length % PAGE !== 0 || length <= 0 || !Number.isSafeInteger(end)) {
      throw new RangeError(`cannot map ${length} bytes at ${address}`);
    }
    if (this.regions.some((r) => address < r.end && r.start < end))
      throw new RangeError(`${address} is mapped already`);
    const pages = new Uint8Array(length / PAGE).fill(prot);
    this.regions.push({ start: address, end, bytes: new Uint8Array(length), prot: pages });
  }

  /** Maps at least `length` bytes somewhere, with an unmapped page behind them; returns the address. */
  allocate(length: number, prot: Prot = PROT.READ_WRITE): number {
    const address = this.next;
    const mapped = Math.max(1, Math.ceil(length / PAGE)) * PAGE;
    this.map(address, mapped, prot);
    this.next += mapped + PAGE;
    return address;
  }

  /** mprotect(2) of pages within one mapping. */
  protect(address: number, length: number, prot: Prot): void {
    const region = this.regionOf(address, length);
    region.prot.fill(prot, (address - region.start) / PAGE, Math.ceil((address + length - region.start) / PAGE));
  }

  /** The owner's own view of its memory, whatever the protection. Within one mapping; throws RangeError. */
  view(address: number, length: number): Uint8Array {
    const region = this.regionOf(address, length);
    return region.bytes.subarray(address - region.start, address - region.start + length);
  }

  /** copy_from_user: returns the bytes copied to `target` at `offset` before the first fault. */
  read(address: number, target: Uint8Array, offset: number, length: number): number {
    let done = 0;
    while (done < length) {
      const region = this.find(address + done);
      if (region === undefined) break;
      const at = address + done - region.start;
      const count = usable(region, at, length - done, 0);
      copy(region.bytes, at, target, offset + done, count);
      done += count;
      if (count === 0) break;
    }
    return done;
  }

  /** copy_to_user: returns the bytes written before the first fault. */
  write(address: number, source: Uint8Array, offset: number, length: number): number {
    let done = 0;
    while (done < length) {
      const region = this.find(address + done);
      if (region === undefined) break;
      const at = address + done - region.start;
      const count = usable(region, at, length - done, WRITE_BIT);
      copy(source, offset + done, region.bytes, at, count);
      done += count;
      if (count === 0) break;
    }
    return done;
  }

  /** clear_user: returns the bytes zeroed before the first fault. */
  clear(address: number, length: number): number {
    let done = 0;
    while (done < length) {
      const region = this.find(address + done);
      if (region === undefined) break;
      const at = address + done - region.start;
      const count = usable(region, at, length - done, WRITE_BIT);
      region.bytes.fill(0, at, at + count);
      done += count;
      if (count === 0) break;
    }
    return done;
  }

  private find(address: number): Region | undefined {
    const recent = this.recent;
    if (recent !== undefined && address >= recent.start && address < recent.end) return recent;
    for (const region of this.regions) {
      if (address >= region.start && address < region.end) {
        this.recent = region;
        return region;
      }
    }
    return undefined;
  }

  private regionOf(address: number, length: number): Region {
    const region = this.find(address);
    if (region === undefined || address + length > region.end) {
      throw new RangeError(`no mapping holds ${length} bytes at 0x${address.toString(16)}`);
    }
    return region;
  }
}

/** Bytes from `at` on, at most `wanted`, up to the region's end or the first page that may not be used so. */
function usable(region: Region, at: number, wanted: number, need: number): number {
  const room = region.end - region.start - at;
  const length = wanted < room ? wanted : room;
  for (let page = Math.floor(at / PAGE); page * PAGE < at + length; page++) {
    const prot = region.prot[page] as number;
    if (prot === PROT.NONE || (prot & need) !== need) return Math.max(0, page * PAGE - at);
  }
  return length;
}

function copy(source: Uint8Array, from: number, target: Uint8Array, to: number, length: number): void {
  if (length > SHORT) target.set(source.subarray(from, from + length), to);
  else for (let i = 0; i < length; i++) target[to + i] = source[from + i] as number;
}
