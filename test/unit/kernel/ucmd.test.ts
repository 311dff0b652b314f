import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRAME } from '../../../src/kernel/call.ts';
import { Errno } from '../../../src/kernel/errno.ts';
import { copyStructFromUser, copyToUserZeroPad, respond } from '../../../src/kernel/ucmd.ts';
import { plainCaller } from '../../../src/transport/inprocess.ts';
import { InprocessCall } from '../../../src/transport/inprocess-call.ts';
import { PAGE, PROT, UserMemory } from '../../../src/transport/user-memory.ts';
import { putWords, testCall } from './test-call.ts';

const TOO_SMALL = new Errno('EINVAL', 'too small');

/** Counts what the transport is asked for. */
class CountingCall extends InprocessCall {
  readonly reads: number[] = [];
  override copyFromUser(pointer: number, skip: number, target: number, length: number): number {
    this.reads.push(length);
    return super.copyFromUser(pointer, skip, target, length);
  }
}

test('the usual structure takes one copy; a long tail takes chunks, and stops at the first stray byte', () => {
  const memory = new UserMemory();
  const call = new CountingCall(memory, plainCaller());
  const at = memory.allocate(8 * 1024 * 1024);
  call.start(plainCaller(), 0, at);
  putWords(memory, at, [32]);
  copyStructFromUser(call, 32, 32, TOO_SMALL);
  assert.deepEqual(call.reads, [32]);

  call.reads.length = 0;
  putWords(memory, at, [8 * 1024 * 1024]);
  copyStructFromUser(call, 32, 32, TOO_SMALL);
  assert.equal(
    call.reads.reduce((sum, n) => sum + n),
    8 * 1024 * 1024,
    'every byte is looked at once',
  );
  assert.ok(call.reads.length < 20, `${call.reads.length} reads`);

  call.reads.length = 0;
  memory.view(at + 100, 1)[0] = 1;
  assert.throws(() => copyStructFromUser(call, 32, 32, TOO_SMALL), { name: 'E2BIG' });
  assert.deepEqual(call.reads, [32, 4096 - ((Number(at) + 32) % 4096)], 'the first chunk ends with its page');
});

test('with probes of a page, no read of a tail crosses a border', () => {
  const memory = new UserMemory();
  const call = new CountingCall(memory, plainCaller());
  Object.defineProperty(call, 'probeBytes', { value: 4096 });
  const at = memory.allocate(64 * 1024);
  call.start(plainCaller(), 0, at);
  putWords(memory, at, [40 * 1024]);
  copyStructFromUser(call, 32, 32, TOO_SMALL);
  let place = Number(at) + 32;
  for (const length of call.reads.slice(1)) {
    assert.ok((place % 4096) + length <= 4096, `${length} bytes at ${place}`);
    place += length;
  }
  assert.equal(place, Number(at) + 40 * 1024);
});

test('a stray byte is found at every place of a tail', () => {
  const { memory, call } = testCall();
  const at = memory.allocate(16 * 1024);
  call.start(plainCaller(), 0, at);
  const bytes = memory.view(at, 16 * 1024);
  putWords(memory, at, [10_001]);
  for (const offset of [32, 33, 35, 36, 4127, 4128, 4129, 9_999, 10_000]) {
    bytes[offset] = 0x80;
    assert.throws(() => copyStructFromUser(call, 32, 32, TOO_SMALL), { name: 'E2BIG' }, `at ${offset}`);
    bytes[offset] = 0;
  }
  bytes[10_001] = 1;
  copyStructFromUser(call, 32, 32, TOO_SMALL);
});

test('copyToUserZeroPad cuts a long answer and fills up a short one', () => {
  const { memory, call } = testCall();
  const at = memory.allocate(PAGE);
  const answered = (userLength: number, length: number): number[] => {
    const window = memory.view(at, 8).fill(0xaa);
    call.start(plainCaller(), 0, at);
    call.bytes.fill(0x55, FRAME.out, FRAME.out + 8);
    copyToUserZeroPad(call, FRAME.arg, userLength, FRAME.out, length);
    assert.ok(call.commit());
    return [...window];
  };
  assert.deepEqual(answered(2, 4), [0x55, 0x55, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa]);
  assert.deepEqual(answered(4, 2), [0x55, 0x55, 0, 0, 0xaa, 0xaa, 0xaa, 0xaa]);
  assert.deepEqual(answered(3, 0), [0, 0, 0, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa]);
  assert.deepEqual(answered(3, 3), [0x55, 0x55, 0x55, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa]);
});

test('respond carries out earlier writes first, and is EFAULT where one of them faults', () => {
  const { memory, call } = testCall();
  const argument = memory.allocate(PAGE);
  const data = memory.allocate(PAGE);
  call.start(plainCaller(), 0, argument);
  call.view.setUint32(FRAME.ucmd, 24, true);
  call.view.setBigUint64(FRAME.ucmd + 16, BigInt(data + PAGE - 4), true);
  call.bytes.fill(0x55, FRAME.out, FRAME.out + 8);
  copyToUserZeroPad(call, FRAME.ucmd + 16, 8, FRAME.out, 8);
  assert.throws(() => respond(call, 24), { name: 'EFAULT' });
  assert.deepEqual([...memory.view(data + PAGE - 5, 5)], [0, 0x55, 0x55, 0x55, 0x55], 'bytes before the fault');
  assert.deepEqual([...memory.view(argument, 4)], [0, 0, 0, 0], 'the structure behind the fault is untouched');

  memory.protect(argument, PAGE, PROT.READ);
  call.start(plainCaller(), 0, argument);
  assert.throws(() => respond(call, 24), { name: 'EFAULT' });
});
