/**
 * What the offsets of src/abi/ are compared with: little-endian C structures with natural alignment, as the uapi
 * headers lay them out on x86-64 and arm64: a table of [member, type] becomes offsets and accessors. 64-bit members are
 * bigint.
 */
import { didYouMean } from '../../../src/abi/nearest-name.ts';

export type CType = 'u8' | 'u16' | 'u32' | 'u64' | 'i32' | 'i64';
/** `count` makes an array: its elements are `member[0]`, `member[1]`, ... */
export type MemberRow = readonly [member: string, type: CType, count?: number];
export type MemberValue = number | bigint;

interface Member {
  readonly offset: number;
  readonly type: CType;
}

interface Accessor {
  readonly bytes: number;
  get(view: DataView, at: number): MemberValue;
  set(view: DataView, at: number, value: MemberValue): void;
}

const accessors: Readonly<Record<CType, Accessor>> = {
  u8: { bytes: 1, get: (v, at) => v.getUint8(at), set: (v, at, x) => v.setUint8(at, Number(x)) },
  u16: { bytes: 2, get: (v, at) => v.getUint16(at, true), set: (v, at, x) => v.setUint16(at, Number(x), true) },
  u32: { bytes: 4, get: (v, at) => v.getUint32(at, true), set: (v, at, x) => v.setUint32(at, Number(x), true) },
  i32: { bytes: 4, get: (v, at) => v.getInt32(at, true), set: (v, at, x) => v.setInt32(at, Number(x), true) },
  u64: { bytes: 8, get: (v, at) => v.getBigUint64(at, true), set: (v, at, x) => v.setBigUint64(at, BigInt(x), true) },
  i64: { bytes: 8, get: (v, at) => v.getBigInt64(at, true), set: (v, at, x) => v.setBigInt64(at, BigInt(x), true) },
};

/** An unknown member name. */
export class MemberError extends Error {
  override readonly name = 'MemberError';
}

export class CStruct {
  readonly name: string;
  /** sizeof, with the padding at the end. */
  readonly bytes: number;
  /** Byte offset and type by member, in the order of declaration. */
  readonly members: ReadonlyMap<string, Member>;

  constructor(name: string, rows: readonly MemberRow[]) {
    const members = new Map<string, Member>();
    let offset = 0;
    let alignment = 1;
    for (const [member, type, count] of rows) {
      const { bytes } = accessors[type];
      alignment = Math.max(alignment, bytes);
      offset = roundUp(offset, bytes);
      for (let i = 0; i < (count ?? 1); i++) {
        members.set(count === undefined ? member : `${member}[${i}]`, { offset, type });
        offset += bytes;
      }
    }
    this.name = name;
    this.bytes = roundUp(offset, alignment);
    this.members = members;
  }

  /** offsetof. Throws MemberError. */
  offset(member: string): number {
    return this.member(member).offset;
  }

  get(view: DataView, member: string, base = 0): MemberValue {
    const { offset, type } = this.member(member);
    return accessors[type].get(view, base + offset);
  }

  /** A value too wide is cut to the member's width, as a C assignment does. */
  set(view: DataView, member: string, value: MemberValue, base = 0): void {
    const { offset, type } = this.member(member);
    accessors[type].set(view, base + offset, value);
  }

  /** Every member that lies wholly within the view. */
  decode(view: DataView, base = 0): Record<string, MemberValue> {
    const record: Record<string, MemberValue> = {};
    for (const [name, { offset, type }] of this.members) {
      const accessor = accessors[type];
      if (base + offset + accessor.bytes <= view.byteLength) record[name] = accessor.get(view, base + offset);
    }
    return record;
  }

  /** A new structure: the named members, zero elsewhere. */
  encode(values: Readonly<Record<string, MemberValue>>): Uint8Array {
    const bytes = new Uint8Array(this.bytes);
    const view = new DataView(bytes.buffer);
    for (const [member, value] of Object.entries(values)) this.set(view, member, value);
    return bytes;
  }

  private member(name: string): Member {
    const member = this.members.get(name);
    if (member === undefined) {
      throw new MemberError(`struct ${this.name} has no member ${name}${didYouMean(name, this.members.keys())}`);
    }
    return member;
  }
}

export function cstruct(name: string, rows: readonly MemberRow[]): CStruct {
  return new CStruct(name, rows);
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
