/**
 * A row of the listed differences, and what its `allowed` is made of. Records are fwx's and drvx's, whose keys begin
 * with their sections' names, and those of calls (test/oracle/calls/), whose keys begin with `calls-`.
 */
import type { GoldenRecord } from '../conformance/golden.ts';
import type { LinuxRange } from './linux-range.ts';
import type { OracleTransport } from './transport.ts';

export interface DifferenceRow {
  readonly transports: readonly OracleTransport[];
  /** The machine's kernels under which it holds; all unless told. */
  readonly linux?: LinuxRange;
  /** For the reader: the call, what the kernel answers, what we do, and why. */
  readonly call: string;
  readonly kernel: string;
  readonly ours: string;
  readonly why: string;
  /** The test of what no program of the oracle can ask; its row speaks of no record. */
  readonly shownBy?: string;
  /**
   * The records allowed in place of `want`; an empty list: the row does not speak of this key. `undefined` in it: no
   * record.
   */
  allowed(key: string, want: GoldenRecord | undefined): readonly (GoldenRecord | undefined)[];
}

export const FUSE: readonly OracleTransport[] = ['fuse'];
export const CUSE: readonly OracleTransport[] = ['cuse', 'retry'];
export const BOTH: readonly OracleTransport[] = ['fuse', 'cuse', 'retry'];

/** A section's operations that answer `ret` and `err` instead. */
export function answers(section: string, names: readonly string[], err: string, ret = err === 'OK' ? 0 : -1) {
  const keys = new Set(names.map((name) => `${section}/${name}`));
  return (key: string, want: GoldenRecord | undefined) => (keys.has(key) && want ? [{ ...want, ret, err }] : []);
}

/** A generic ioctl of section ioctlnr. */
export function generic(name: string, err: string) {
  return answers('ioctlnr', [`generic ${name}`], err);
}

/** Facts of section plug, by name. */
export function fact(name: string, v: string) {
  return (key: string, want: GoldenRecord | undefined) => (key === `plug/${name}` && want ? [{ ...want, v }] : []);
}

/** Records that are the golden one with some members changed. */
export function changed(match: string | RegExp, change: GoldenRecord) {
  return (key: string, want: GoldenRecord | undefined) =>
    want && (typeof match === 'string' ? key === match : match.test(key)) ? [{ ...want, ...change }] : [];
}

export function missing(match: RegExp) {
  return (key: string, want: GoldenRecord | undefined) => (want && match.test(key) ? [undefined] : []);
}

/** A record that the kernel does not have. */
export function extra(wanted: string, record: GoldenRecord) {
  return (key: string, want: GoldenRecord | undefined) => (want === undefined && key === wanted ? [record] : []);
}

export function either(...rules: DifferenceRow['allowed'][]): DifferenceRow['allowed'] {
  return (key, want) => rules.flatMap((rule) => rule(key, want));
}

/** What a call answers: a result, an errno's name, a text that it tells; undefined: there is no such record. */
export type CallAnswer = number | `E${string}` | { readonly told: string } | undefined;

/** The calls of section `calls-SECTION` whose names match, all of them, or with one of several answers. */
export function calls(section: string, names: RegExp, ...answers: CallAnswer[]): DifferenceRow['allowed'] {
  const start = `calls-${section}/`;
  return (key) => {
    const op = key.slice(start.length);
    return key.startsWith(start) && names.test(op) ? answers.map((answer) => callRecord(op, answer)) : [];
  };
}

function callRecord(op: string, answer: CallAnswer): GoldenRecord | undefined {
  if (answer === undefined) return undefined;
  if (typeof answer === 'object') return { op, v: answer.told };
  return typeof answer === 'number' ? { op, ret: answer, err: 'OK' } : { op, ret: -1, err: answer };
}
