/**
 * The NVM's directory and items. Each item lies in whole sectors somewhere in the memory, behind the two of the master
 * block and the directory. An erased entry is UNUSED, and the next item takes its index. What is not written is 0xff.
 * Rules of the lengths are bnxnvm_defs.h's; where an item lies, and that an item of the same name is replaced, is
 * invented, as are all refusals.
 */
import { DIR_ATTR_NO_CHKSUM, DIR_ENTRY } from '../../abi/bnxt/nvm.ts';
import { crc32 } from '../../abi/crc32.ts';

export interface NvmItem {
  type: number;
  ordinal: number;
  ext: number;
  attr: number;
  data: Uint8Array;
  /** Bytes that are its own, whole sectors. */
  itemLength: number;
  /** Undefined: its data's. */
  checksum?: number;
}

interface Placed extends NvmItem {
  location: number;
}

export interface NvmGeometry {
  readonly size: number;
  readonly sectorSize: number;
}

/** NVM_WRITE_CMD_ERR_CODE_*. */
export const WRITE_ERR = { FRAG_ERR: 1, NO_SPACE: 2 } as const;

/** All of them fit into the 64 KiB that NVM_GET_DIR_ENTRIES moves. */
const MAX_ENTRIES = 2048;
const OWN_SECTORS = 2;
const UNWRITTEN = 0xff;

export class NvmDirectory {
  readonly geometry: NvmGeometry;
  /** By dir_idx; undefined: UNUSED. */
  private slots: (Placed | undefined)[] = [];

  /**
   * By dir_idx; undefined: UNUSED. Their data are shared with others, and never written to. Throws RangeError when they
   * do not fit, or two have one name.
   */
  constructor(geometry: NvmGeometry, items: readonly (NvmItem | undefined)[]) {
    this.geometry = geometry;
    // each at its own index, behind the ones that are UNUSED
    for (const [index, item] of items.entries()) {
      const written = item === undefined ? { index } : this.place(index, item);
      if (typeof written === 'number') throw new RangeError('the items do not fit into the NVM');
      if (item === undefined) this.slots[index] = undefined;
    }
    const names = this.slots.flatMap((item) =>
      item === undefined ? [] : [`${item.type}:${item.ordinal}:${item.ext}`],
    );
    if (new Set(names).size < names.length) throw new RangeError('two items have one type, ordinal and ext');
  }

  get entries(): number {
    return this.slots.length;
  }

  /** Bytes of the memory's own, and those that no item has. */
  get reserved(): number {
    return OWN_SECTORS * this.geometry.sectorSize;
  }

  get available(): number {
    return this.slots.reduce((left, item) => left - (item?.itemLength ?? 0), this.geometry.size - this.reserved);
  }

  /** Undefined: UNUSED, or no entry. */
  item(index: number): Readonly<NvmItem> | undefined {
    return this.slots[index];
  }

  /** What is there, by index, to be kept. */
  items(): readonly (Readonly<NvmItem> | undefined)[] {
    return this.slots;
  }

  find(wanted: (item: Readonly<NvmItem>) => boolean): number {
    return this.slots.findIndex((item) => item !== undefined && wanted(item));
  }

  /** A new item, or another content for the one of that type, ordinal and ext. Its index, or a WRITE_ERR. */
  write(item: NvmItem): { index: number } | number {
    const { type, ordinal, ext } = item;
    const known = this.find((one) => one.type === type && one.ordinal === ordinal && one.ext === ext);
    const free = known >= 0 ? known : this.slots.indexOf(undefined);
    return this.place(free >= 0 ? free : this.slots.length, { ...item, data: item.data.slice() });
  }

  private place(index: number, item: NvmItem): { index: number } | number {
    const { type, ordinal, ext, attr, data, itemLength, checksum } = item;
    if (index >= MAX_ENTRIES) return WRITE_ERR.NO_SPACE;
    const length = this.sectors(Math.max(itemLength, data.length, 1));
    const before = this.slots[index];
    this.slots[index] = undefined;
    const location = before !== undefined && before.itemLength >= length ? before.location : this.hole(length);
    if (location === undefined) {
      const error = length <= this.available ? WRITE_ERR.FRAG_ERR : WRITE_ERR.NO_SPACE;
      if (before === undefined && index === this.slots.length - 1) this.slots.pop();
      else this.slots[index] = before;
      return error;
    }
    this.slots[index] = { type, ordinal, ext, attr, data, itemLength: length, location, checksum };
    return { index };
  }

  /** False: there is no such item, or it is not so long. */
  modify(index: number, offset: number, bytes: Uint8Array): boolean {
    const item = this.slots[index];
    if (item === undefined || offset + bytes.length > item.itemLength) return false;
    const data = filled(Math.max(item.data.length, offset + bytes.length));
    data.set(item.data);
    data.set(bytes, offset);
    item.data = data;
    delete item.checksum;
    return true;
  }

  /** Fills `into`; false as of modify. */
  read(index: number, offset: number, into: Uint8Array): boolean {
    const item = this.slots[index];
    if (item === undefined || offset + into.length > item.itemLength) return false;
    into.fill(UNWRITTEN);
    into.set(item.data.subarray(offset, offset + into.length));
    return true;
  }

  erase(index: number): boolean {
    if (this.slots[index] === undefined) return false;
    this.slots[index] = undefined;
    return true;
  }

  change(index: number, change: Partial<Pick<NvmItem, 'ordinal' | 'ext' | 'attr' | 'checksum'>>): boolean {
    const item = this.slots[index];
    if (item === undefined) return false;
    Object.assign(item, change);
    return true;
  }

  /** Whether the checksum is that of the data, where there is one. */
  isSound(index: number): boolean {
    const item = this.slots[index];
    if (item === undefined) return false;
    return (item.attr & DIR_ATTR_NO_CHKSUM) !== 0 || item.checksum === undefined || item.checksum === crc32(item.data);
  }

  /** Items one behind the other, so that what is free is in one piece. */
  defragment(): void {
    let at = this.reserved;
    for (const item of this.slots) {
      if (item === undefined) continue;
      item.location = at;
      at += item.itemLength;
    }
  }

  /** bnxnvm_directory_entry_t of each index; an UNUSED one is zero. */
  listing(): Uint8Array {
    const bytes = new Uint8Array(this.slots.length * DIR_ENTRY.bytes);
    const view = new DataView(bytes.buffer);
    for (const [index, item] of this.slots.entries()) {
      if (item === undefined) continue;
      const at = index * DIR_ENTRY.bytes;
      view.setUint16(at + DIR_ENTRY.type, item.type, true);
      view.setUint16(at + DIR_ENTRY.ordinal, item.ordinal, true);
      view.setUint16(at + DIR_ENTRY.ext, item.ext, true);
      view.setUint16(at + DIR_ENTRY.attr, item.attr, true);
      view.setUint32(at + DIR_ENTRY.location, item.location, true);
      view.setUint32(at + DIR_ENTRY.itemLength, item.itemLength, true);
      view.setUint32(at + DIR_ENTRY.dataLength, item.data.length, true);
      view.setUint32(at + DIR_ENTRY.checksum, item.checksum ?? crc32(item.data), true);
    }
    return bytes;
  }

  /** The memory itself: items where they lie. False: beyond its end. */
  raw(offset: number, into: Uint8Array): boolean {
    if (offset + into.length > this.geometry.size) return false;
    into.fill(UNWRITTEN);
    for (const item of this.slots) {
      if (item === undefined) continue;
      const from = Math.max(offset, item.location);
      const to = Math.min(offset + into.length, item.location + item.data.length);
      if (from < to) into.set(item.data.subarray(from - item.location, to - item.location), from - offset);
    }
    return true;
  }

  private sectors(bytes: number): number {
    const { sectorSize } = this.geometry;
    return Math.ceil(bytes / sectorSize) * sectorSize;
  }

  /** The first place for so many bytes. */
  private hole(length: number): number | undefined {
    const taken = this.slots.filter((item) => item !== undefined).sort((a, b) => a.location - b.location);
    let at = this.reserved;
    for (const { location, itemLength } of taken) {
      if (location - at >= length) return at;
      at = location + itemLength;
    }
    return this.geometry.size - at >= length ? at : undefined;
  }
}

function filled(length: number): Uint8Array {
  return new Uint8Array(length).fill(UNWRITTEN);
}
