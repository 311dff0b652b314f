/** A structure inside another: its rows with their path and bit offset moved. */
import type { FieldRow } from '../../bits.ts';

/** `bit`: where the inner structure begins. */
export function nested(name: string, bit: number, rows: readonly FieldRow[]): readonly FieldRow[] {
  return rows.map(([path, at, bits, access]) => [`${name}.${path}`, bit + at, bits, access]);
}
