/** Compares a run of iox with a recorded kernel, record by record: what ioxcmp.mjs does. */
import type { GoldenRecord } from '../conformance/iommufd/golden.ts';

/** Times are rounded to 100 ms; this much is allowed. */
const SLACK_MS = 300;

export interface Difference {
  readonly golden: GoldenRecord;
  /** Undefined: the record is missing. */
  readonly emulated: GoldenRecord | undefined;
}

export function differences(golden: readonly GoldenRecord[], emulated: readonly GoldenRecord[]): Difference[] {
  const answers = new Map(emulated.map((record) => [keyOf(record), record]));
  return golden
    .map((record) => ({ golden: record, emulated: answers.get(keyOf(record)) }))
    .filter((pair) => pair.emulated === undefined || !same(pair.golden, pair.emulated));
}

/** Both ways: also records that are not wanted. Ids are unique. */
export function exactDifferences(
  expected: ReadonlyMap<string, GoldenRecord>,
  emulated: ReadonlyMap<string, GoldenRecord>,
): Difference[] {
  const ids = new Set([...expected.keys(), ...emulated.keys()]);
  return [...ids].flatMap((id) => {
    const [want, have] = [expected.get(id), emulated.get(id)];
    if (want !== undefined && have !== undefined && same(want, have)) return [];
    return [{ golden: want ?? { id, none: true }, emulated: have }];
  });
}

/** sysfs records share an id and differ by their path. */
function keyOf(record: GoldenRecord): string {
  return record.path === undefined ? record.id : `${record.id}|${record.path}`;
}

function same(a: GoldenRecord, b: GoldenRecord): boolean {
  if (a.ms !== undefined && Math.abs(a.ms - (b.ms ?? Number.NEGATIVE_INFINITY)) > SLACK_MS) return false;
  return normal(a) === normal(b);
}

function normal({ ms: _, ...record }: GoldenRecord): string {
  return JSON.stringify(record, (_key, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value,
  );
}
