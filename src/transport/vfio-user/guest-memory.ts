/**
 * The guest's memory, as its machine has given it: files at addresses (DMA_MAP), read and written by pread(2) and
 * pwrite(2), so that whatever a driver names, nobody here faults. A range may begin in one file and end in the next.
 */
import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import { CAPABILITIES, DMA_MAP_FLAG } from './messages.ts';

interface Range {
  readonly address: number;
  readonly bytes: number;
  /** Undefined: memory that is not shared (a ROM), which cannot be reached. */
  readonly fd: number | undefined;
  readonly offset: number;
  readonly writable: boolean;
  readonly readable: boolean;
}

const { EINVAL, ENOSPC, EEXIST } = ERRNO;

export class GuestMemory {
  /** By address, and none overlaps another. */
  private ranges: Range[] = [];

  /** 0 or an errno; the descriptor is taken over where it is 0. */
  map(address: number, bytes: number, fd: number | undefined, offset: number, flags: number): number {
    const end = address + bytes;
    if (bytes <= 0 || ![address, bytes, offset, end, offset + bytes].every(Number.isSafeInteger)) return EINVAL;
    if (this.ranges.length >= CAPABILITIES.max_dma_maps) return ENOSPC;
    if (this.ranges.some((range) => address < range.address + range.bytes && range.address < end)) return EEXIST;
    if (fd !== undefined) {
      const file = fstatSync(fd);
      if (!file.isFile() || file.size < offset + bytes) return EINVAL;
    }
    const readable = (flags & DMA_MAP_FLAG.read) !== 0;
    const writable = (flags & DMA_MAP_FLAG.write) !== 0;
    this.ranges.push({ address, bytes, fd, offset, writable, readable });
    this.ranges.sort((a, b) => a.address - b.address);
    return 0;
  }

  /** 0, or an errno: nothing is there, or only a part of what is. */
  unmap(address: number, bytes: number): number {
    const inside = ({ address: at, bytes: length }: Range) => at >= address && at + length <= address + bytes;
    const touched = this.ranges.filter(
      (range) => address < range.address + range.bytes && range.address < address + bytes,
    );
    if (touched.length === 0 || !touched.every(inside)) return EINVAL;
    this.ranges = this.ranges.filter((range) => !inside(range));
    for (const range of touched) release(range);
    return 0;
  }

  clear(): void {
    for (const range of this.ranges.splice(0)) release(range);
  }

  read(address: number, into: Uint8Array): boolean {
    return this.each(
      address,
      into,
      ({ readable, fd }, part, at) =>
        readable && fd !== undefined && readSync(fd, part, 0, part.length, at) === part.length,
    );
  }

  write(address: number, bytes: Uint8Array): boolean {
    return this.each(
      address,
      bytes,
      ({ writable, fd }, part, at) =>
        writable && fd !== undefined && writeSync(fd, part, 0, part.length, at) === part.length,
    );
  }

  /** False: for some of it nobody is there, or the file has refused. */
  private each(
    address: number,
    bytes: Uint8Array,
    work: (range: Range, part: Uint8Array, at: number) => boolean,
  ): boolean {
    try {
      for (let done = 0; done < bytes.length; ) {
        const at = address + done;
        const range = this.ranges.find(({ address: from, bytes: length }) => at >= from && at < from + length);
        if (range === undefined) return false;
        const length = Math.min(bytes.length - done, range.address + range.bytes - at);
        if (!work(range, bytes.subarray(done, done + length), range.offset + at - range.address)) return false;
        done += length;
      }
      return true;
    } catch {
      return false;
    }
  }
}

function release({ fd }: Range): void {
  if (fd !== undefined) closeSync(fd);
}
