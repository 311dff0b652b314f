/** Arbitrary ioctls over arbitrary memory: what a run of the property consists of, biased to where the checks are. */
import fc from 'fast-check';
import type { RawMode } from './kernel-model.ts';
import { MEASURED_OPCODES } from './kernel-model.ts';
import { MODEL_BASE, MODEL_PAGE, MODEL_PAGES, type ModelMemory, type PageUse } from './model-memory.ts';

export interface Step {
  /** Which device's file. */
  readonly device: number;
  /** The device is unplugged before the call. */
  readonly unplug: boolean;
  readonly cmd: number;
  readonly argument: bigint;
  /**
   * The structure's first words: size (undefined: the right one), then flags, type, length, or scope, in_len, out_len.
   */
  readonly words: readonly [size: number | undefined, number, number, number];
  /** out_device_data or in; out. */
  readonly pointers: readonly [bigint, bigint];
  /** Laid at the first pointer before the structure is laid over it. */
  readonly opcode: number;
  readonly opMod: number;
  /** A byte set last, so many bytes after the argument. */
  readonly stray: { readonly offset: number; readonly value: number } | undefined;
  readonly capable: boolean;
  readonly comm: string;
  readonly pid: number;
  readonly compat: boolean;
}

export interface Scenario {
  readonly pages: readonly PageUse[];
  readonly deliver: 'EIO' | 'ETIMEDOUT' | undefined;
  readonly rawMode: RawMode;
  readonly rawInfo: Uint8Array;
  readonly steps: readonly Step[];
}

const MiB2 = 2 * 1024 * 1024;
export const u32 = fc.nat({ max: 0xffffffff });
export const near = (...edges: number[]) =>
  fc
    .tuple(fc.constantFrom(...edges), fc.integer({ min: -2, max: 2 }))
    .map(([edge, by]) => (edge + by + 0x100000000) % 0x100000000);

/** Inside the memory, at a border of a page more often than not; now and then anywhere. */
export const address = fc.oneof(
  { weight: 12, arbitrary: inside(fc.nat({ max: MODEL_PAGE - 1 })) },
  { weight: 6, arbitrary: inside(fc.integer({ min: -48, max: 48 })) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 8n, 0xffff888000000000n, 1n << 63n, 2n ** 64n - 1n, 2n ** 64n - 20n) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
);

function inside(offset: fc.Arbitrary<number>): fc.Arbitrary<bigint> {
  const page = fc.nat({ max: MODEL_PAGES });
  return fc.tuple(page, offset).map(([at, by]) => MODEL_BASE + BigInt(at * MODEL_PAGE + by));
}

/** Mostly what is right, else around every limit, else anything. */
export const size = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: fc.nat({ max: 80 }) },
  { weight: 2, arbitrary: near(MODEL_PAGE, 2 * MODEL_PAGE, 0) },
  { weight: 1, arbitrary: u32 },
);
export const length = fc.oneof(
  { weight: 12, arbitrary: fc.nat({ max: 128 }) },
  { weight: 3, arbitrary: near(0, 16, MODEL_PAGE, 3 * MODEL_PAGE, MiB2) },
  { weight: 1, arbitrary: u32 },
);
export const scope = fc.oneof({ weight: 15, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: u32 });
const command = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(0x9a00, 0x9a01, 0x9a01) },
  { weight: 1, arbitrary: fc.constantFrom(0x9a02, 0x9aff, 0x5421, 0xc0209a01, 0x40189a00, 0x9901, 1) },
  { weight: 1, arbitrary: u32 },
);
const opcode = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...MEASURED_OPCODES) },
  { weight: 1, arbitrary: fc.nat({ max: 0xffff }) },
);

function step(devices: number): fc.Arbitrary<Step> {
  return fc.record({
    device: fc.nat({ max: devices - 1 }),
    unplug: fc.nat({ max: 15 }).map((n) => n === 0),
    cmd: command,
    argument: address,
    words: fc.tuple(size, scope, length, length),
    pointers: fc.tuple(address, address),
    opcode,
    opMod: fc.oneof(fc.constantFrom(0, 1, 2), fc.nat({ max: 0xffff })),
    stray: fc.option(fc.record({ offset: fc.nat({ max: 5000 }), value: fc.nat({ max: 255 }) }), {
      nil: undefined,
      freq: 6,
    }),
    capable: fc.boolean(),
    comm: fc.string({ minLength: 1, maxLength: 15 }),
    pid: fc.integer({ min: 1, max: 4194304 }),
    compat: fc.nat({ max: 31 }).map((n) => n === 0),
  });
}

export function scenarios(devices: number): fc.Arbitrary<Scenario> {
  const use = fc.constantFrom<PageUse>('rw', 'rw', 'rw', 'rw', 'rw', 'rw', 'ro', 'none');
  return fc.record({
    pages: fc.array(use, { minLength: MODEL_PAGES, maxLength: MODEL_PAGES }),
    deliver: fc.constantFrom(undefined, undefined, undefined, 'EIO' as const, 'ETIMEDOUT' as const),
    rawMode: fc.oneof(fc.constantFrom<RawMode>('echo', 'echo', 'EIO', 0), fc.nat({ max: 2 * MODEL_PAGE })),
    rawInfo: fc.uint8Array({ maxLength: 40 }),
    steps: fc.array(step(devices), { minLength: 1, maxLength: 4 }),
  });
}

/** What the program has put into its memory before the call. */
export function lay(memory: ModelMemory, at: Step): void {
  const request = [at.opcode >> 8, at.opcode & 0xff, 0xbe, 0xef, 0, 0, at.opMod >> 8, at.opMod & 0xff];
  put(memory, at.pointers[0], Uint8Array.from(request));
  const struct = new DataView(new ArrayBuffer(32));
  const [sizeWord, first, second, third] = at.words;
  // FWCTL_INFO has flags where FWCTL_RPC has the scope: 0 more often than a scope would be
  const word = at.cmd === 0x9a00 && first < 4 ? 0 : first;
  [sizeWord ?? (at.cmd === 0x9a00 ? 24 : 32), word, second, third].forEach((value, i) => {
    struct.setUint32(4 * i, value, true);
  });
  struct.setBigUint64(16, at.pointers[0], true);
  struct.setBigUint64(24, at.cmd === 0x9a00 ? 0n : at.pointers[1], true);
  put(memory, at.argument, new Uint8Array(struct.buffer));
  if (at.stray !== undefined) put(memory, at.argument + BigInt(at.stray.offset), Uint8Array.of(at.stray.value));
}

export function put(memory: ModelMemory, address: bigint, bytes: Uint8Array): void {
  bytes.forEach((byte, i) => {
    const place = memory.place(address + BigInt(i));
    if (place !== undefined) memory.bytes[place] = byte;
  });
}
