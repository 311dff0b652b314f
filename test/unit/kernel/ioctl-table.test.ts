import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAME } from '../../../src/kernel/call.ts';
import { Errno } from '../../../src/kernel/errno.ts';
import { dispatchIoctl, type IoctlPolicy, ioctlTable } from '../../../src/kernel/ioctl-table.ts';
import { respond } from '../../../src/kernel/ucmd.ts';
import { plainCaller } from '../../../src/transport/inprocess.ts';
import { PAGE } from '../../../src/transport/user-memory.ts';
import { putWords, testCall } from './test-call.ts';

const TOO_SMALL = new Errno('EINVAL', 'too small');
const EXTENSIBLE = 0x3b81;
const FIXED = 0x3b80;

/** Two commands: FIXED (8 bytes), EXTENSIBLE (40, of which 24 are mandatory). Each notes the structure it was given. */
function table(policy: Partial<IoctlPolicy<Uint8Array[]>> = {}) {
  const row = (name: string, number: number, size: number, minSize: number) => ({
    name,
    number,
    size,
    minSize,
    execute: (seen: Uint8Array[], call: { bytes: Uint8Array }) => {
      seen.push(call.bytes.slice(FRAME.ucmd, FRAME.ucmd + size));
      return 7;
    },
  });
  return ioctlTable<Uint8Array[]>([row('FIXED', FIXED, 8, 8), row('EXTENSIBLE', EXTENSIBLE, 40, 24)], {
    tooSmall: TOO_SMALL,
    readsUnknown: false,
    ...policy,
  });
}

function run(compiled: ReturnType<typeof table>, cmd: number, argument: number, prepared = testCall()) {
  const seen: Uint8Array[] = [];
  prepared.call.start(plainCaller(), cmd, argument);
  try {
    return { result: dispatchIoctl(compiled, seen, prepared.call), seen };
  } catch (error) {
    assert.ok(error instanceof Errno, String(error));
    return { result: error.name, seen };
  }
}

test('only the exact 32-bit number is a command, and an unknown one does not touch the argument', () => {
  const prepared = testCall();
  const at = prepared.memory.allocate(PAGE);
  putWords(prepared.memory, at, [8, 1]);
  for (const cmd of [0x3b82, 0x3b7f, 0x3c80, 0xc0083b80, 0x40083b80, 0x20003b80, 0x3b80 + 0x10000, 0]) {
    assert.equal(run(table(), cmd, at, prepared).result, 'ENOTTY', cmd.toString(16));
    assert.equal(run(table(), cmd, 0).result, 'ENOTTY', 'a bad pointer does not matter');
  }
  assert.equal(run(table(), FIXED, at, prepared).result, 7);
  // The upper half of a 64-bit word is dropped.
  assert.equal(run(table(), 0xffff00003b80, at, prepared).result, 7);
});

test('a 32-bit caller has no command at all: there is no compat_ioctl', () => {
  const prepared = testCall();
  const at = prepared.memory.allocate(PAGE);
  putWords(prepared.memory, at, [8, 1]);
  prepared.call.compat = true;
  assert.equal(run(table(), FIXED, at, prepared).result, 'ENOTTY');
  assert.equal(run(table({ readsUnknown: true }), 0x3b99, 0, prepared).result, 'ENOTTY');
  prepared.call.compat = false;
  assert.equal(run(table(), FIXED, at, prepared).result, 7);
});

test('a policy can read the size word of an unknown number first', () => {
  const prepared = testCall();
  const compiled = table({ readsUnknown: true });
  assert.equal(run(compiled, 0x3b99, 0, prepared).result, 'EFAULT');
  assert.equal(run(table(), 0x3b99, 0, prepared).result, 'ENOTTY');
  assert.equal(run(compiled, 0x3b99, prepared.memory.allocate(8), prepared).result, 'ENOTTY');
});

test('a policy chooses the errno of a short structure and what stands around a command', () => {
  const prepared = testCall();
  const at = prepared.memory.allocate(PAGE);
  putWords(prepared.memory, at, [7]);
  const compiled = table({ tooSmall: new Errno('EOPNOTSUPP', 'v3') });
  assert.equal(run(compiled, FIXED, at, prepared).result, 'EOPNOTSUPP');
  putWords(prepared.memory, at, [8]);
  const around = table({ run: (row, seen, call) => Number(row.execute(seen, call)) + 1 });
  assert.equal(run(around, FIXED, at, prepared).result, 8);
});

test('a structure shorter than known reads as zero behind its end, whatever stands there', () => {
  const prepared = testCall();
  const at = prepared.memory.allocate(PAGE);
  prepared.memory.view(at, 64).fill(0xff);
  putWords(prepared.memory, at, [27]);
  const { result, seen } = run(table(), EXTENSIBLE, at, prepared);
  assert.equal(result, 7);
  const expected = new Uint8Array(40).fill(0xff, 4, 27);
  expected[0] = 27;
  assert.deepEqual(seen, [expected]);
});

test('a short structure may end at an unmapped page', () => {
  const prepared = testCall();
  const end = prepared.memory.allocate(PAGE) + PAGE;
  putWords(prepared.memory, end - 24, [24]);
  assert.equal(run(table(), EXTENSIBLE, end - 24, prepared).result, 7);
  putWords(prepared.memory, end - 24, [25]);
  assert.equal(run(table(), EXTENSIBLE, end - 24, prepared).result, 'EFAULT');
});

/**
 * The rule of copy_struct_from_user(), said as plainly as
 * possible: what a caller sees of structure `bytes` before a hole.
 */
function model(bytes: Uint8Array, known: number, min: number): string | number {
  if (bytes.length < 4) return 'EFAULT';
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (size < min) return 'EINVAL';
  for (let i = known; i < size; i++) {
    if (i >= bytes.length) return 'EFAULT';
    if (bytes[i] !== 0) return 'E2BIG';
  }
  return Math.min(size, known) > bytes.length ? 'EFAULT' : 7;
}

test('any structure, any end of memory, any stray byte: the order of the checks is that of the kernel', () => {
  const prepared = testCall();
  const pages = 4;
  const start = prepared.memory.allocate(pages * PAGE);
  const end = start + pages * PAGE;
  const lengths = fc.oneof(fc.nat(64), fc.nat(pages * PAGE));
  const size = fc.oneof(fc.nat(64), fc.nat(5 * PAGE), fc.constantFrom(0x7fffffff, 0xffffffff));
  fc.assert(
    fc.property(lengths, size, fc.option(lengths), fc.boolean(), (length, word, stray, extensible) => {
      const window = prepared.memory.view(start, pages * PAGE).fill(0);
      const bytes = window.subarray(window.length - length);
      const header = Buffer.alloc(4);
      header.writeUInt32LE(word);
      bytes.set(header.subarray(0, Math.min(4, length)));
      if (stray !== null && stray >= 4 && stray < length) bytes[stray] = 0x80;
      const [cmd, known, min] = extensible ? [EXTENSIBLE, 40, 24] : [FIXED, 8, 8];
      assert.equal(run(table(), cmd, end - length, prepared).result, model(bytes, known, min));
    }),
    { numRuns: 3000 },
  );
});

test('a table refuses rows that cannot be told apart or do not fit', () => {
  const row = { name: 'A', number: 0x3b80, size: 8, minSize: 8, execute: () => 0 };
  const policy = { tooSmall: TOO_SMALL, readsUnknown: false };
  assert.throws(() => ioctlTable([row, { ...row, name: 'B', number: 0x9a80 }], policy), /nr 128 is both A and B/);
  assert.throws(() => ioctlTable([{ ...row, minSize: 3 }], policy), /minimum size/);
  assert.throws(() => ioctlTable([{ ...row, size: 4096 }], policy), /larger than a frame/);
});

test('respond writes no more than the caller has, and no more than is known', () => {
  const { memory, call } = testCall();
  const at = memory.allocate(PAGE);
  const written = (word: number): number => {
    memory.view(at, 64).fill(0xaa);
    call.start(plainCaller(), FIXED, at);
    call.bytes.fill(0x55, FRAME.ucmd, FRAME.ucmd + 64);
    call.view.setUint32(FRAME.ucmd, word, true);
    assert.equal(respond(call, 40), 0);
    return memory.view(at, 64).indexOf(0xaa);
  };
  assert.equal(written(24), 24);
  assert.equal(written(40), 40);
  assert.equal(written(0xffffffff), 40);
});
