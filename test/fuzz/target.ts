/** What a fuzzer drives: one input at a time, for ever. */
import type { Random } from './random.ts';

export interface FuzzTarget {
  readonly name: string;
  /** What is claimed, for the report. */
  readonly claim: string;
  /**
   * One input, made of the generator's numbers. Throws when the claim is broken. `note` keeps what would be needed to
   * see it again.
   */
  run(random: Random, note: (text: string) => void): void;
}

export function hex(bytes: Uint8Array, most = 256): string {
  const text = Buffer.from(bytes.subarray(0, most)).toString('hex');
  return bytes.length > most ? `${text}... (${bytes.length} bytes)` : text;
}
