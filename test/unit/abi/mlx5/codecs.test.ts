/**
 * Every field layout as a codec, over arbitrary bytes: what is decoded and encoded again is the same image but for the
 * bits that belong to no field, which are zero in a new image and untouched in an old one.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Layout } from '../../../../src/abi/bits.ts';
import { CAP_TYPES } from '../../../../src/abi/mlx5/cap-types.ts';
import { commandLayout } from '../../../../src/abi/mlx5/command-layouts.ts';
import { DIAGNOSTIC_SAMPLE } from '../../../../src/abi/mlx5/diagnostic.ts';
import { OBJECT_TYPES } from '../../../../src/abi/mlx5/objects/types.ts';
import { OPCODES } from '../../../../src/abi/mlx5/opcodes.ts';
import { placedFields, replyLayouts, requestLayouts } from '../../../../src/abi/mlx5/payload-layout.ts';
import { LAID_OUT_REGISTERS } from '../../../../src/abi/mlx5/registers/layouts.ts';

const defined = <T>(value: T | undefined): value is T => value !== undefined;
const layouts = new Set<Layout>([
  ...CAP_TYPES.map(({ layout }) => layout).filter(defined),
  ...OPCODES.map(({ opcode }) => commandLayout(opcode))
    .filter(defined)
    .flatMap(({ request, reply }) => [request, reply]),
  ...OBJECT_TYPES.map(({ layout }) => layout),
  ...LAID_OUT_REGISTERS.map(({ layout }) => layout),
  DIAGNOSTIC_SAMPLE,
]);

/** 1 for each bit that a field has, counted as the PRM does. */
function mask(layout: Layout): Uint8Array {
  const bytes = new Uint8Array(layout.bytes);
  for (const { bit, bits } of layout.fields.values()) {
    for (let at = bit; at < bit + bits; at++) bytes[at >> 3] = (bytes[at >> 3] as number) | (0x80 >> (at & 7));
  }
  return bytes;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
/** From one number, because a long array of arbitrary bytes is slow to make: xorshift. */
function noise(seed: number, length: number): Uint8Array {
  let word = seed | 1;
  return Uint8Array.from({ length }, () => {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    return word;
  });
}
const seed = fc.integer({ min: 1, max: 0x7fffffff });

describe('every mlx5 layout, over arbitrary bytes', () => {
  for (const layout of layouts) {
    it(layout.name, () => {
      const own = mask(layout);
      fc.assert(
        fc.property(seed, seed, fc.nat({ max: layout.bytes + 8 }), (first, second, length) => {
          const image = noise(first, layout.bytes);
          const values = layout.decode(viewOf(image));
          assert.equal(Object.keys(values).length, layout.fields.size);
          const encoded = layout.encode(values);
          assert.deepEqual(
            encoded,
            image.map((byte, i) => byte & (own[i] as number)),
            'no other bit is set',
          );
          assert.deepEqual(layout.decode(viewOf(encoded)), values);
          const background = noise(second, layout.bytes);
          const changed = background.slice();
          layout.assign(viewOf(changed), values);
          assert.deepEqual(
            changed,
            background.map((byte, i) => (byte & ~(own[i] as number)) | (encoded[i] as number)),
            'no other bit is touched',
          );
          const short = layout.decode(viewOf(noise(first, length)));
          const whole = [...layout.fields.values()].filter(({ end }) => end <= length).map(({ path }) => path);
          assert.deepEqual(Object.keys(short), whole);
        }),
        { numRuns: 4 },
      );
    });
  }
});

describe('what lies where in a command', () => {
  it('is found for arbitrary bytes without a throw, and every field that is found can be read', () => {
    const opcodes = OPCODES.map(({ opcode }) => opcode);
    const registers = LAID_OUT_REGISTERS.map(({ id }) => id);
    fc.assert(
      fc.property(
        seed,
        fc.nat({ max: 4200 }),
        fc.nat({ max: 4200 }),
        fc.option(fc.constantFrom(...opcodes)),
        fc.option(fc.constantFrom(...registers)),
        (start, requestLength, replyLength, opcode, register) => {
          const request = viewOf(noise(start, requestLength));
          const reply = viewOf(noise(start + 1, replyLength));
          if (opcode !== null && requestLength >= 2) request.setUint16(0, opcode);
          if (register !== null && requestLength >= 12) request.setUint16(10, register);
          for (const [view, found] of [
            [request, requestLayouts(request)],
            [reply, replyLayouts(request)],
          ] as const) {
            for (const { field, base } of placedFields(found, view)) field.read(view, base);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
