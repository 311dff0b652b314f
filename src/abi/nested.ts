/** A structure inside another: its rows with their path and bit offset moved. */
import type { FieldRow } from './bits.ts';

/** `bit`: where the inner structure begins. */
export function nested(name: string, bit: number, rows: readonly FieldRow[]): readonly FieldRow[] {
  return rows.map(([path, at, bits, access]) => [`${name}.${path}`, bit + at, bits, access]);
}

/** `count` inner structures, `name[0]` and on, one every `stride` bits. */
export function elements(
  name: string,
  count: number,
  bit: number,
  stride: number,
  rows: readonly FieldRow[],
): readonly FieldRow[] {
  return Array.from({ length: count }, (_, i) => nested(`${name}[${i}]`, bit + i * stride, rows)).flat();
}
