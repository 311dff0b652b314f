/**
 * Every layout table against two readings that are not ours:
 * typed-struct as a codec, and the kernel header's own offsets.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Struct } from 'typed-struct';
import { BytesField, type Layout, QuadField, WordField } from '../../../../src/abi/bits.ts';
import { CAP_TYPES } from '../../../../src/abi/mlx5/cap-types.ts';
import { commandLayout } from '../../../../src/abi/mlx5/command-layouts.ts';
import { OBJECT_TYPES } from '../../../../src/abi/mlx5/objects/types.ts';
import { OPCODES } from '../../../../src/abi/mlx5/opcodes.ts';
import { LAID_OUT_REGISTERS } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { IfcHeader, ifcHeaders } from './ifc-header.ts';

const commands = OPCODES.map(({ opcode }) => commandLayout(opcode)).filter((layout) => layout !== undefined);
const structures = new Set<Layout>([
  ...CAP_TYPES.map((cap) => cap.layout).filter((layout) => layout !== undefined),
  ...commands.flatMap(({ request, reply }) => [request, reply]),
  ...OBJECT_TYPES.map((type) => type.layout),
]);
const registers = LAID_OUT_REGISTERS.map(({ layout }) => layout);

/** The same table in typed-struct: a big-endian dword with its bit fields, each under its bit offset and width. */
function oracleOf(layout: Layout): new (bytes: Buffer) => Record<string, unknown> {
  const dwords = new Map<number, Record<string, [number, number]>>();
  for (const field of layout.fields.values()) {
    // Wider fields are seen as the dwords that they are made of.
    const width = field instanceof WordField ? field.bits : 32;
    for (let bit = field.bit; bit + width <= field.bit + field.bits; bit += width) {
      const at = bit >>> 5;
      const masks = dwords.get(at) ?? {};
      masks[`b${bit}_${width}`] = [bit & 31, width];
      dwords.set(at, masks);
    }
  }
  // biome-ignore lint/suspicious/noExplicitAny: the package has no types, and its builder changes its type at each step
  let struct: any = new Struct(layout.name);
  for (let at = 0; at < Math.floor(layout.bytes / 4); at++) {
    const masks = dwords.get(at);
    struct = masks === undefined ? struct.seek(4) : struct.Bits32(masks);
  }
  return struct.compile();
}

function agrees(layout: Layout): void {
  const Oracle = oracleOf(layout);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: layout.bytes, maxLength: layout.bytes }), (bytes) => {
      const oracle = new Oracle(Buffer.from(bytes));
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (const field of layout.fields.values()) {
        const value = field.read(view, 0);
        const seen = (bit: number, width: number) => oracle[`b${bit}_${width}`];
        if (field instanceof WordField) assert.equal(value, seen(field.bit, field.bits), field.path);
        else if (field instanceof QuadField) {
          const words = BigInt(Number(seen(field.bit, 32))) * 2n ** 32n + BigInt(Number(seen(field.bit + 32, 32)));
          assert.equal(value, words, field.path);
        } else if (field instanceof BytesField && (field.bit & 31) === 0) {
          const words = new DataView((value as Uint8Array).slice().buffer);
          for (let i = 0; i * 4 + 4 <= field.bytes; i++) {
            assert.equal(words.getUint32(i * 4), seen(field.bit + i * 32, 32), `${field.path}, dword ${i}`);
          }
        }
      }
    }),
    { numRuns: 3 },
  );
}

describe('typed-struct reads the same as', () => {
  for (const layout of [...structures, ...registers]) {
    if (layout.fields.size === 0) continue;
    it(layout.name, () => agrees(layout));
  }
});

/** Ours end earlier: what follows are structures of their own (capabilities, the list of diagnostic counters). */
const WIDER: ReadonlySet<string> = new Set(['query_hca_cap_out', 'debug_cap']);

/** The header has one more level in QUERY_ADAPTER's reply. */
const renamed = (path: string) => path.replace(/^query_adapter_struct\./, '');

const headers = ifcHeaders();
describe('the kernel header mlx5_ifc.h says the same of', { skip: headers.length === 0 && NO_HEADER() }, () => {
  for (const path of headers) {
    const header = new IfcHeader(path);
    it(`${path} is read`, () => assert.ok(header.size > 300, `${header.size} structures`));

    let compared = 0;
    for (const layout of structures) {
      const name = `mlx5_ifc_${layout.name}_bits`;
      if (!header.has(name)) continue;
      it(`${layout.name} (${path})`, () => {
        const struct = header.struct(name);
        assert.ok(struct !== undefined);
        assert.ok(
          WIDER.has(layout.name) || struct.bits <= layout.bytes * 8,
          `the header's structure has ${struct.bits} bits`,
        );
        const theirs = new Map([...struct.fields].map(([name, place]) => [renamed(name), place]));
        for (const field of layout.fields.values()) {
          const place = theirs.get(field.path.replace(/\[0\]$/, '')) ?? theirs.get(field.path);
          if (place === undefined) continue;
          assert.deepEqual([field.bit, field.bits], [...place], `${layout.name}.${field.path}`);
          compared++;
        }
      });
    }
    it(`of ${path} most fields were found`, () => {
      const all = [...structures].reduce((sum, layout) => sum + layout.fields.size, 0);
      assert.ok(compared > all / 2, `${compared} of ${all}`);
    });
  }
});

function NO_HEADER(): string {
  return 'no /usr/src/linux-headers-*/include/linux/mlx5/mlx5_ifc.h is installed (Debian: linux-headers-amd64), and MLX5_IFC_H names none';
}
