/** The kernel's `unsigned long` on a 64-bit machine, as bigints. */

export const U64_MAX = (1n << 64n) - 1n;
export const PAGE_SIZE = 4096n;

/** check_add_overflow(): the sum does not fit into 64 bits. */
export function overflows(a: bigint, b: bigint): boolean {
  return a + b > U64_MAX;
}
