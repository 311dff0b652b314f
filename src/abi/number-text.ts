/** Numbers as people write them (faults, keys of devices). Each reader's Error says what is wrong, what is right. */
import { didYouMean } from './nearest-name.ts';

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
