/** A UUID as one number, by which a fault chooses features: 53 bits of FNV-1a, as selectors are numbers. */
import { UUID_BYTES } from './features.ts';

const PRIME = 0x01000193;
const BASES = [0x811c9dc5, 0x2b1d3a77] as const;

export function uuidNumber(bytes: Uint8Array, at: number): number {
  const [low, high] = BASES.map((base) => {
    let hash: number = base;
    for (let i = 0; i < UUID_BYTES; i++) hash = Math.imul(hash ^ (bytes[at + i] ?? 0), PRIME);
    return hash >>> 0;
  });
  return ((high ?? 0) >>> 11) * 0x100000000 + (low ?? 0);
}
