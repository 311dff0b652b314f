/** Values of the case files: sums of numbers, `$variable`, `@region` and `~x`, modulo 2^64. */
import { ADDRESSES } from './regions.ts';

/** What a variable that was never set stands for. */
const UNSET = 0xdeadn;

export type Variables = Map<string, bigint>;

export function evaluate(text: string, variables: Variables): bigint {
  let sum = 0n;
  for (const [, sign, not, term = ''] of text.matchAll(/([+-]?)(~?)([^+\-~]+)/g)) {
    const value = not === '~' ? ~termOf(term, variables) : termOf(term, variables);
    sum = sign === '-' ? sum - value : sum + value;
  }
  return BigInt.asUintN(64, sum);
}

function termOf(term: string, variables: Variables): bigint {
  if (term.startsWith('$')) return variables.get(term.slice(1)) ?? UNSET;
  if (!term.startsWith('@')) return BigInt(term);
  const address = ADDRESSES[term.slice(1)];
  if (address === undefined) throw new Error(`no region ${term}`);
  return address;
}
