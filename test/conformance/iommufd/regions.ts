/**
 * The case files' memory: the regions of iox.c at their addresses,
 * and how a structure is put there through protections.
 */
import { PAGE, PROT, UserMemory } from '../../../src/transport/user-memory.ts';

const OK = 0x2000000000;
const RO = 0x2010000000;
const EDGE = 0x2020000000;
const ENDRO = 0x2030000000;
export const ARRAY = 0x2060000000;
const ARRAY_EDGE = 0x2070000000;
const ARRAY_RO = 0x2080000000;
export const ARGUMENT = OK;

/** What stands for `@name`. buf, robuf and none are addresses only: without a domain nothing looks at them. */
export const ADDRESSES: Readonly<Record<string, bigint>> = {
  ok: BigInt(OK),
  ro: BigInt(RO),
  end: BigInt(EDGE + 16384),
  endro: BigInt(ENDRO + PAGE),
  hole: 0x2040000000n,
  none: 0x2050000000n,
  arr: BigInt(ARRAY),
  arrend: BigInt(ARRAY_EDGE + 16384),
  arro: BigInt(ARRAY_RO),
  buf: 0x3000000000n,
  robuf: 0x3100000000n,
  void: 0x3200000000n,
  kernel: 0xffff888000000000n,
  noncanon: 1n << 63n,
  max: (1n << 64n) - 1n,
};

const MAPPED: readonly (readonly [start: number, bytes: number])[] = [
  [OK, 1 << 20],
  [RO, 65536],
  [EDGE, 16384],
  [ENDRO, 8192],
  [ARRAY, 1 << 20],
  [ARRAY_EDGE, 16384],
  [ARRAY_RO, 16384],
];

export class CaseMemory extends UserMemory {
  constructor() {
    super();
    for (const [start, bytes] of MAPPED) this.map(start, bytes);
    this.protect(RO, 65536, PROT.READ);
    this.protect(ARRAY_RO, 16384, PROT.READ);
    this.protect(ENDRO + PAGE, PAGE, PROT.READ);
  }

  /** All of it zero again. */
  wipe(): void {
    for (const [start, bytes] of MAPPED) this.view(start, bytes).fill(0);
  }

  /** Bytes readable from that address on. */
  available(address: bigint): number {
    for (const [start, bytes] of MAPPED) {
      if (address >= BigInt(start) && address < BigInt(start + bytes)) return start + bytes - Number(address);
    }
    return 0;
  }

  /** Puts bytes there whatever the protection, cut at the mapping's end. */
  put(address: bigint, bytes: Uint8Array): void {
    const length = Math.min(this.available(address), bytes.length);
    if (length > 0) this.view(Number(address), length).set(bytes.subarray(0, length));
  }

  /** The bytes there; fewer where the mapping ends. */
  take(address: bigint, length: number): Uint8Array {
    const available = Math.min(this.available(address), length);
    return available > 0 ? this.view(Number(address), available).slice() : new Uint8Array(0);
  }
}
