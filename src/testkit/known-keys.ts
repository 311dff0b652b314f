/** Keys of the kit's options and filters, looked at when they are used: JavaScript has no types, `any` passes all. */
import { didYouMean } from '../abi/nearest-name.ts';

/** Throws a TypeError for a key that there is not: a filter with a slip of the pen would fit nothing, or everything. */
export function checkKeys(what: string, given: object, known: readonly string[]): void {
  const wrong = Object.keys(given).find((key) => !known.includes(key));
  if (wrong === undefined) return;
  throw new TypeError(`${what}: there is no "${wrong}" (there is ${known.join(', ')})${didYouMean(wrong, known)}`);
}

/** The names of an interface's members, all of them: the compiler asks for one that is missing. */
export function keysOf<T>(keys: Readonly<Record<keyof T, true>>): readonly string[] {
  return Object.keys(keys);
}
