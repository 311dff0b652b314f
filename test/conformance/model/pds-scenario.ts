/** Arbitrary RPCs to an arbitrary pds device, biased to where its checks are. */
import fc from 'fast-check';
import { MODEL_PAGES, type ModelMemory, type PageUse } from './model-memory.ts';
import type { PdsDevice } from './pds-model.ts';
import { address, length, near, put, scope, size, u32 } from './scenario.ts';

export interface PdsStep {
  readonly unplug: boolean;
  readonly info: boolean;
  readonly argument: bigint;
  /** Size (undefined: the right one), scope, in_len, out_len. */
  readonly words: readonly [size: number | undefined, number, number, number];
  /** in, out; in.payload, out.payload. */
  readonly pointers: readonly [bigint, bigint, bigint, bigint];
  readonly op: number;
  readonly ep: number;
  readonly lengths: readonly [request: number, response: number];
  /** Laid at in.payload; and in the request's other words. */
  readonly payload: Uint8Array;
  readonly capable: boolean;
}

export interface PdsScenario {
  readonly pages: readonly PageUse[];
  readonly device: PdsDevice;
  readonly steps: readonly PdsStep[];
}

/** Small, so that calls meet each other. */
const ENDPOINTS = [0, 1, 2, 0x80000001, 0xffffffff];
const endpoint = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...ENDPOINTS) }, { weight: 1, arbitrary: u32 });
/** Command and version, and now and then bits that mean nothing. */
const operation = fc
  .tuple(fc.constantFrom(0, 1, 2, 0xffff), fc.constantFrom(0, 1, 2, 5, 255), fc.constantFrom(0, 0, 0, 0xab))
  .map(([command, version, high]) => high * 0x1000000 + version * 0x10000 + command);
const attribute = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0x00, 0x02, 0x04, 0x08, 0x10) },
  { weight: 1, arbitrary: fc.nat({ max: 255 }) },
);
/** Right for the most part: the payload is nobody's here, but those of the driver itself. */
const inLength = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 48, max: 80 }) },
  { weight: 2, arbitrary: near(48) },
  { weight: 1, arbitrary: length },
);

const device = fc.record({
  maxRequest: fc.constantFrom(0, 16, 100, 8192),
  maxResponse: fc.constantFrom(0, 16, 100, 4096),
  endpoints: fc
    .array(fc.tuple(endpoint, fc.array(fc.tuple(operation, attribute), { maxLength: 12 })), {
      minLength: 1,
      maxLength: 5,
    })
    .map((rows) => new Map(rows)),
  failingQueries: fc.array(fc.nat({ max: 4 }), { maxLength: 2 }),
  deliver: fc.constantFrom(...new Array<undefined>(8).fill(undefined), 'EIO', 'ETIMEDOUT', 'ENXIO'),
  status: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.nat({ max: 31 }) },
    { weight: 1, arbitrary: fc.constantFrom(29, 40, 255) },
  ),
  err: fc.oneof(fc.constantFrom(0, 1, 0x80000000, 0xffffffff), u32),
}) as fc.Arbitrary<PdsDevice>;

function step({ maxRequest, maxResponse, endpoints }: PdsDevice): fc.Arbitrary<PdsStep> {
  const listed = [...endpoints].flatMap(([ep, rows]) => rows.map(([id]) => ({ ep, op: id })));
  const called = fc.oneof(
    { weight: listed.length === 0 ? 0 : 6, arbitrary: fc.constantFrom(...listed, { ep: 0, op: 0 }) },
    { weight: 2, arbitrary: fc.record({ ep: endpoint, op: operation }) },
  );
  const upTo = (most: number) =>
    fc.oneof({ weight: 8, arbitrary: fc.nat({ max: most }) }, { weight: 2, arbitrary: near(most) });
  return fc
    .record({
      unplug: fc.nat({ max: 31 }).map((n) => n === 0),
      info: fc.nat({ max: 15 }).map((n) => n === 0),
      argument: address,
      words: fc.tuple(size, scope, inLength, length),
      pointers: fc.tuple(address, address, address, address),
      called,
      lengths: fc.tuple(upTo(maxRequest), upTo(maxResponse)),
      payload: fc.uint8Array({ maxLength: 40 }),
      capable: fc.boolean(),
    })
    .map(({ called: { ep, op }, ...rest }) => ({ ...rest, ep, op }));
}

export const pdsScenarios: fc.Arbitrary<PdsScenario> = device.chain((one) =>
  fc.record({
    pages: fc.array(fc.constantFrom<PageUse>('rw', 'rw', 'rw', 'rw', 'rw', 'rw', 'ro', 'none'), {
      minLength: MODEL_PAGES,
      maxLength: MODEL_PAGES,
    }),
    device: fc.constant(one),
    steps: fc.array(step(one), { minLength: 1, maxLength: 5 }),
  }),
);

/** What the program has put into its memory before the call. */
export function layPds(memory: ModelMemory, at: PdsStep): void {
  const [inPointer, outPointer, inPayload, outPayload] = at.pointers;
  put(memory, inPayload, at.payload);
  const request = new DataView(new ArrayBuffer(48));
  for (const [i, byte] of at.payload.subarray(0, 12).entries()) request.setUint8(24 + i, byte);
  for (const [offset, value] of [
    [0, at.op],
    [4, at.ep],
    [8, at.payload.length],
    [12, at.lengths[0]],
    [36, at.lengths[1]],
  ] as const)
    request.setUint32(offset, value, true);
  request.setBigUint64(16, inPayload, true);
  request.setBigUint64(40, outPayload, true);
  put(memory, inPointer, new Uint8Array(request.buffer));
  const struct = new DataView(new ArrayBuffer(32));
  const [sizeWord, second, third, fourth] = at.words;
  for (const [i, value] of [sizeWord ?? (at.info ? 24 : 32), at.info ? 0 : second, third, fourth].entries())
    struct.setUint32(4 * i, value, true);
  struct.setBigUint64(16, at.info ? outPointer : inPointer, true);
  struct.setBigUint64(24, at.info ? 0n : outPointer, true);
  put(memory, at.argument, new Uint8Array(struct.buffer));
}
