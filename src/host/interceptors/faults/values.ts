/** How the values of a fault are read. Each throws an Error that says what is wrong and what would be right. */
import { didYouMean } from '../../../abi/nearest-name.ts';

/** Decimal or 0x. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    const limit = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
    throw new Error(`${name} is a whole number ${limit}, not "${text}"`);
  }
  return value;
}

/** A row by name, in any case, or a number up to `most`, which need not have a row. */
export function named<Row extends { readonly name: string }>(
  kind: string,
  text: string,
  rows: readonly Row[],
  numberOf: (row: Row) => number,
  most: number,
): number {
  if (/^\d/.test(text)) return wholeNumber(kind, text, 0, most);
  const row = rows.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  if (row !== undefined) return numberOf(row);
  const names = rows.map(({ name }) => name);
  throw new Error(`there is no ${kind} "${text}"${didYouMean(text, names)}`);
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };
/** setTimeout's own limit. */
const MOST_MS = 2 ** 31 - 1;

/** `200ms`, `2s`; a bare number is microseconds, as strace's delay_exit. */
export function durationMs(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(us|ms|s|m)?$/.exec(text);
  const value = parts === null ? Number.NaN : Number(parts[1]) * (UNITS[parts[2] ?? 'us'] ?? 0);
  if (!(value <= MOST_MS)) throw new Error(`"${text}" is no time; write e.g. 500us, 200ms, 2s`);
  return value;
}
