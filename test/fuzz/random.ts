/** A seeded generator of test input: mulberry32, the same numbers for the same seed everywhere. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number of 32 bits. */
  u32(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.u32() / 0x100000000) * limit);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  /** Bytes of one of three kinds: any, mostly zero, or runs of one byte. */
  fill(bytes: Uint8Array): Uint8Array {
    const kind = this.below(3);
    if (kind === 2) return bytes.fill(this.u32() & 0xff);
    for (let i = 0; i < bytes.length; i++) bytes[i] = kind === 0 || this.chance(8) ? this.u32() & 0xff : 0;
    return bytes;
  }

  bytes(length: number): Uint8Array {
    return this.fill(new Uint8Array(length));
  }

  /** A number as people get it wrong: near a power of two, near zero, near the end, or any. */
  oddNumber(): number {
    const near = this.below(5) - 2;
    switch (this.below(4)) {
      case 0:
        return (2 ** this.below(33) + near) >>> 0;
      case 1:
        return this.below(64);
      case 2:
        return (0xffffffff + near) >>> 0;
      default:
        return this.u32();
    }
  }
}
