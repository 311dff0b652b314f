import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FieldError, type FieldRow, layout, WordField } from '../../../src/abi/bits.ts';

const sample = layout('sample', 40, [
  ['top', 0, 1],
  ['middle', 4, 7],
  ['low', 31, 1],
  ['word', 32, 32],
  ['quad', 64, 64],
  ['name', 128, 128],
  ['list[3]', 256, 8],
  ['half', 304, 16],
]);

describe('layout', () => {
  it('places fields as the PRM counts bits: from the most significant of each dword', () => {
    const image = sample.encode({
      top: 1,
      middle: 0x55,
      low: 1,
      word: 0xdeadbeef,
      quad: 0x0102030405060708n,
      name: 'MT_1',
      'list[0]': 0xaa,
      'list[2]': 0xcc,
      half: 0xf00d,
    });
    // dword 0: bit 31 (top), 0x55 at bits 27..21, bit 0 (low): 0x80000000 | 0x55 << 21 | 1.
    const expected = `8aa00001${'deadbeef'}0102030405060708${'4d545f31'}${'00'.repeat(12)}aa00cc00${'0000f00d'}`;
    assert.equal(Buffer.from(image).toString('hex'), expected);
  });

  it('reads back what stands there, wide values as bigint and copies of bytes', () => {
    const image = sample.encode({ middle: 127, word: 0xffffffff, quad: 2n ** 64n - 1n, name: 'x' });
    const view = new DataView(image.buffer);
    assert.equal(sample.get(view, 'middle'), 127);
    assert.equal(sample.get(view, 'word'), 0xffffffff);
    assert.equal(sample.get(view, 'quad'), 2n ** 64n - 1n);
    const name = sample.get(view, 'name');
    assert.ok(name instanceof Uint8Array);
    name.fill(0xff);
    assert.equal(image[16], 'x'.charCodeAt(0), 'a copy was changed, not the image');
  });

  it('changes its own bits and no others', () => {
    const image = new Uint8Array(40).fill(0xff);
    sample.set(new DataView(image.buffer), 'middle', 0);
    assert.equal(Buffer.from(image.subarray(0, 4)).toString('hex'), 'f01fffff');
    assert.ok(image.subarray(4).every((byte) => byte === 0xff));
    sample.set(new DataView(image.buffer), 'name', 'x');
    assert.equal(
      Buffer.from(image.subarray(16, 32)).toString('hex'),
      `78${'00'.repeat(15)}`,
      'a text ends with zeroes',
    );
    assert.equal(image[32], 0xff);
  });

  it('decodes only what lies within a short view', () => {
    const view = new DataView(new ArrayBuffer(12));
    assert.deepEqual(Object.keys(sample.decode(view)), ['top', 'middle', 'low', 'word']);
    assert.deepEqual(Object.keys(sample.decode(view, 8)), ['top', 'middle', 'low']);
    assert.deepEqual(sample.decode(new DataView(new ArrayBuffer(0))), {});
  });

  it('names the nearest fields for one it does not know', () => {
    assert.throws(() => sample.encode({ midle: 1 }), {
      name: 'FieldError',
      message: /sample has no field midle; did you mean middle\?/,
    });
    assert.throws(() => sample.field('constructor'), FieldError);
  });

  for (const [field, value, why] of [
    ['middle', 128, /middle: 128 does not fit into 7 bits \(0 to 127\)/],
    ['middle', -1, /-1 does not fit/],
    ['middle', 1.5, /1\.5 is not a whole number/],
    ['middle', 'seven', /"seven" is not a whole number/],
    ['middle', '', /is not a whole number/],
    ['middle', new Uint8Array(1), /a run of bytes is not a whole number/],
    ['word', 2 ** 32, /does not fit into 32 bits/],
    ['quad', 2n ** 64n, /does not fit into 64 bits/],
    ['name', '12345678901234567', /17 bytes do not fit into 16/],
    ['name', 5, /a text or bytes are wanted/],
    ['name', '\u0416', /latin1/],
  ] as const) {
    it(`refuses ${field} = ${String(value)}`, () => {
      assert.throws(() => sample.encode({ [field]: value }), { name: 'FieldError', message: why });
    });
  }

  it('takes booleans and numeric text for numbers', () => {
    const view = new DataView(sample.encode({ top: true, middle: '0x11', quad: '7' }).buffer);
    assert.deepEqual([sample.get(view, 'top'), sample.get(view, 'middle'), sample.get(view, 'quad')], [1, 0x11, 7n]);
  });

  for (const [what, rows] of [
    ['a field across two dwords', [['f', 28, 8]]],
    ['a field beyond the structure', [['f', 320, 8]]],
    ['an unaligned 64-bit field', [['f', 8, 64]]],
    ['a field of no bits', [['f', 0, 0]]],
    [
      'two fields of one name',
      [
        ['f', 0, 1],
        ['f', 1, 1],
      ],
    ],
  ] as [string, FieldRow[]][]) {
    it(`refuses a table with ${what}`, () => {
      assert.throws(() => layout('wrong', 40, rows).fields, FieldError);
    });
  }

  it('keeps every word field independent of its neighbours', () => {
    const cut = fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { maxLength: 8 });
    fc.assert(
      fc.property(cut, fc.array(fc.nat({ max: 0xffffffff }), { minLength: 9, maxLength: 9 }), (cuts, values) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), 32];
        const rows: FieldRow[] = edges.slice(1).map((end, i) => [`f${i}`, 32 + (edges[i] ?? 0), end - (edges[i] ?? 0)]);
        const split = layout('split', 8, rows);
        const wanted = Object.fromEntries(rows.map(([path, , bits], i) => [path, (values[i] ?? 0) % 2 ** bits]));
        const image = split.encode(wanted);
        assert.deepEqual(split.decode(new DataView(image.buffer)), wanted);
        // The dword as arithmetic, which knows nothing of shifts and masks.
        const dword = rows.reduce((sum, [path, , bits]) => sum * 2 ** bits + (wanted[path] ?? 0), 0);
        assert.equal(new DataView(image.buffer).getUint32(4), dword);
        assert.equal(new DataView(image.buffer).getUint32(0), 0);
      }),
    );
  });

  it('put drops bits above the field', () => {
    const view = new DataView(new ArrayBuffer(40));
    const middle = sample.word('middle');
    assert.ok(middle instanceof WordField);
    middle.put(view, 0, 0xfff);
    assert.equal(view.getUint32(0), 0x7f * 2 ** 21);
    assert.throws(() => sample.word('quad'), FieldError);
  });
});
