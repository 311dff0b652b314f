import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Struct } from 'typed-struct';
import { cstruct } from './cstruct.ts';

/** struct fwctl_rpc, and one with holes. */
const rpc = cstruct('fwctl_rpc', [
  ['size', 'u32'],
  ['scope', 'u32'],
  ['in_len', 'u32'],
  ['out_len', 'u32'],
  ['in', 'u64'],
  ['out', 'u64'],
]);
const holes = cstruct('holes', [
  ['a', 'u8'],
  ['b', 'u16'],
  ['c', 'u8', 3],
  ['d', 'i32'],
  ['e', 'u8'],
  ['f', 'i64'],
  ['g', 'u8'],
]);

describe('cstruct', () => {
  it('lays out with natural alignment', () => {
    assert.equal(rpc.bytes, 32);
    assert.deepEqual(
      ['in_len', 'in', 'out'].map((member) => rpc.offset(member)),
      [8, 16, 24],
    );
    assert.deepEqual(
      [...holes.members].map(([name, { offset }]) => [name, offset]),
      [
        ['a', 0],
        ['b', 2],
        ['c[0]', 4],
        ['c[1]', 5],
        ['c[2]', 6],
        ['d', 8],
        ['e', 12],
        ['f', 16],
        ['g', 24],
      ],
    );
    assert.equal(holes.bytes, 32);
  });

  it('writes the same bytes as typed-struct', () => {
    const Oracle = new Struct('FwctlRpc')
      .UInt32LE('size')
      .UInt32LE('scope')
      .UInt32LE('in_len')
      .UInt32LE('out_len')
      .UInt32LE('in_low')
      .UInt32LE('in_high')
      .UInt32LE('out_low')
      .UInt32LE('out_high')
      .compile();
    const u32 = fc.nat({ max: 0xffffffff });
    fc.assert(
      fc.property(fc.tuple(u32, u32, u32, u32, u32, u32, u32, u32), ([size, scope, inLen, outLen, il, ih, ol, oh]) => {
        const oracle = new Oracle();
        Object.assign(oracle, {
          size,
          scope,
          in_len: inLen,
          out_len: outLen,
          in_low: il,
          in_high: ih,
          out_low: ol,
          out_high: oh,
        });
        const values = {
          size,
          scope,
          in_len: inLen,
          out_len: outLen,
          in: (BigInt(ih) << 32n) | BigInt(il),
          out: (BigInt(oh) << 32n) | BigInt(ol),
        };
        const bytes = rpc.encode(values);
        assert.deepEqual(Buffer.from(bytes), Struct.raw(oracle));
        assert.deepEqual(rpc.decode(new DataView(bytes.buffer)), values);
      }),
    );
  });

  it('keeps signs', () => {
    const view = new DataView(holes.encode({ d: -5, f: -6n, e: 200 }).buffer);
    assert.deepEqual([holes.get(view, 'd'), holes.get(view, 'f'), holes.get(view, 'e')], [-5, -6n, 200]);
  });

  it('decodes what a short view has, and names the nearest member of an unknown one', () => {
    assert.deepEqual(Object.keys(rpc.decode(new DataView(new ArrayBuffer(17)))), [
      'size',
      'scope',
      'in_len',
      'out_len',
    ]);
    assert.throws(() => rpc.offset('inlen'), {
      name: 'MemberError',
      message: /struct fwctl_rpc has no member inlen; did you mean in_len/,
    });
  });
});
