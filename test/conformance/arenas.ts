/**
 * The memory that the cases' symbolic pointers point to: one arena
 * for each role (argument, in, out), as the recorder had it.
 */
import { PAGE, PROT, type UserMemory } from '../../src/transport/user-memory.ts';
import type { SymbolicPointer } from './case-file.ts';

export const BIG = 4 * 1024 * 1024;
const END = 64 * 1024;

const OFFSET = {
  big: 0,
  readOnly: 0x02000000,
  end: 0x04000000,
  endReadOnly: 0x06000000,
  hole: 0x08000000,
  none: 0x0a000000,
};

export const ROLE = { argument: 0, in: 1, out: 2 } as const;
export type Role = (typeof ROLE)[keyof typeof ROLE];

function base(role: Role): number {
  return 0x2000000000 + role * 0x40000000;
}

export function mapArenas(memory: UserMemory): void {
  for (const role of Object.values(ROLE)) {
    const at = base(role);
    memory.map(at + OFFSET.big, BIG);
    memory.map(at + OFFSET.readOnly, BIG, PROT.READ);
    memory.map(at + OFFSET.end, END);
    memory.map(at + OFFSET.endReadOnly, END + PAGE);
    memory.protect(at + OFFSET.endReadOnly + END, PAGE, PROT.READ);
    memory.map(at + OFFSET.none, PAGE, PROT.NONE);
  }
}

/** Where a pointer leads. */
export interface Place {
  readonly kind: string;
  readonly n: number;
  readonly address: bigint;
  /** Readable bytes from there. */
  readonly capacity: number;
}

/** `others`: what `same` and `ovl` (the in buffer) and `arg` refer to. */
export function resolve(pointer: SymbolicPointer, role: Role, others: { argument?: Place; first?: Place } = {}): Place {
  const { kind, n } = pointer;
  const at = base(role);
  const place = (address: number | bigint, capacity = 0): Place => ({ kind, n, address: BigInt(address), capacity });
  const beside = (other: Place | undefined, distance: number): Place => {
    if (other === undefined) throw new Error(`pointer ${kind} has nothing to refer to`);
    return place(other.address + BigInt(distance), Math.max(0, other.capacity - distance));
  };
  switch (kind) {
    case 'ok':
      return place(at + OFFSET.big, BIG);
    case 'unal':
      return place(at + OFFSET.big + n, BIG - n);
    case 'cross':
      return place(at + OFFSET.big + PAGE - n, BIG - PAGE + n);
    case 'ro':
      return place(at + OFFSET.readOnly, BIG);
    case 'end':
      return place(at + OFFSET.end + END - n, n);
    case 'endro':
      return place(at + OFFSET.endReadOnly + END - n, n + PAGE);
    case 'null':
      return place(0);
    case 'low':
      return place(n);
    case 'unmapped':
      return place(at + OFFSET.hole);
    case 'none':
      return place(at + OFFSET.none);
    case 'kernel':
      return place(0xffff888000000000n);
    case 'noncanon':
      return place(1n << 63n);
    case 'max':
      return place(0xffffffffffffffffn);
    case 'same':
      return beside(others.first, 0);
    case 'ovl':
      return beside(others.first, n);
    case 'arg':
      return beside(others.argument, n);
    default:
      throw new Error(`unknown pointer ${kind}`);
  }
}
