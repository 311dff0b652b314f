/**
 * An ioctl as a table describes it: its structure's members by name, as they came and were answered. For subsystems
 * whose ioctls say all (iommufd); fwctl's carry another protocol, which a driver's dialect knows.
 */
import type { ShownField } from '../abi/shown-field.ts';

/** One member of an ioctl's structure. */
export interface DescribedMember {
  /** As the uAPI header has it. */
  readonly name: string;
  /** Bytes from the start of the structure. */
  readonly offset: number;
  readonly type: 'u16' | 'u32' | 'u64';
  /** `out`: written by the ioctl; its value before means nothing. `inout`: both. */
  readonly way: 'in' | 'out' | 'inout';
  /** Names of bits, or of values: shown instead of the number. */
  readonly words?: { readonly kind: 'bits' | 'values'; readonly names: Readonly<Record<string, number>> };
}

/** How the events of one ioctl are written. */
export interface DescribedIoctl {
  readonly name: string;
  /** The 32-bit ioctl word. */
  readonly number: number;
  /** Bytes of the structure that must have arrived to show its members; 0: the argument is a value or nothing. */
  readonly bytes: number;
  readonly members: readonly DescribedMember[];
  /** What the ioctl's argument is called, where it is a value. */
  readonly argument?: string;
}

const BYTES = { u16: 2, u32: 4, u64: 8 } as const;

/** Where the member ends in its structure. */
export function memberEnd({ offset, type }: DescribedMember): number {
  return offset + BYTES[type];
}

/** A member's value in a structure that starts at `base`. */
export function memberField(view: DataView, base: number, { name, offset, type, words }: DescribedMember): ShownField {
  const value =
    type === 'u64'
      ? view.getBigUint64(base + offset, true)
      : type === 'u32'
        ? view.getUint32(base + offset, true)
        : view.getUint16(base + offset, true);
  if (words !== undefined) return [name, wordsOf(Number(value), words)];
  // addresses and lengths
  return [name, typeof value === 'bigint' ? `0x${value.toString(16)}` : value];
}

/** `READABLE|FIXED_IOVA`, `0x100`, or both; the name of a value. */
function wordsOf(value: number, { kind, names }: NonNullable<DescribedMember['words']>): string {
  const rows = Object.entries(names);
  if (kind === 'values') return rows.find(([, number]) => number === value)?.[0] ?? String(value);
  const known = rows.filter(([, bit]) => (value & bit) !== 0);
  const rest = known.reduce((left, [, bit]) => (left & ~bit) >>> 0, value >>> 0);
  const words = known.map(([name]) => name);
  if (rest !== 0) words.push(`0x${rest.toString(16)}`);
  return words.length === 0 ? '0' : words.join('|');
}
