/**
 * A few pages of a process, each readable, writable or neither,
 * and nothing else anywhere: read and written byte by byte.
 */

export const MODEL_BASE = 0x2000000000n;
export const MODEL_PAGE = 4096;
export const MODEL_PAGES = 10;

export type PageUse = 'rw' | 'ro' | 'none';

export class ModelMemory {
  readonly bytes = new Uint8Array(MODEL_PAGES * MODEL_PAGE);
  private readonly uses: readonly PageUse[];

  constructor(uses: readonly PageUse[]) {
    this.uses = uses;
  }

  /** The byte there; undefined: a fault. */
  byte(address: bigint): number | undefined {
    const at = this.place(address);
    return at === undefined || this.uses[Math.floor(at / MODEL_PAGE)] === 'none' ? undefined : this.bytes[at];
  }

  /** False: a fault. */
  put(address: bigint, value: number): boolean {
    const at = this.place(address);
    if (at === undefined || this.uses[Math.floor(at / MODEL_PAGE)] !== 'rw') return false;
    this.bytes[at] = value;
    return true;
  }

  /** copy_from_user(): what there is before the first fault. */
  read(address: bigint, length: number): Uint8Array {
    const read: number[] = [];
    while (read.length < length) {
      const byte = this.byte(address + BigInt(read.length));
      if (byte === undefined) break;
      read.push(byte);
    }
    return Uint8Array.from(read);
  }

  /** Where an address stands in `bytes`, for whoever lays something there regardless of its use; undefined: nowhere. */
  place(address: bigint): number | undefined {
    const at = BigInt.asUintN(64, address) - MODEL_BASE;
    return at >= 0n && at < BigInt(this.bytes.length) ? Number(at) : undefined;
  }
}
