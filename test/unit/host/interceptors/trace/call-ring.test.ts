/** The ring of past calls: what goes in comes out, and the oldest make room, in entries and in bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallRing, type PastCaller } from '../../../../../src/host/interceptors/trace/call-ring.ts';
import { TracedCall } from '../../../../../src/host/interceptors/trace/trace-call.ts';
import { FRAME } from '../../../../../src/kernel/call.ts';
import { ArrayCall } from './trace-fixture.ts';

const CALLER = { place: { name: 'fwctl0' }, file: 1, comm: 'tool', tid: 4711, uid: 1000 } as unknown as PastCaller;

/** A call as if it had gone through, of a request and reply of that many bytes, all of the value. */
function passed(value: number, request: number, reply: number): TracedCall {
  const call = new TracedCall(new ArrayCall(new Uint8Array(0)));
  call.begin();
  call.cmd = 0x9a01;
  call.bytes.fill(value, FRAME.in, FRAME.in + request);
  call.bytes.fill(value + 1, FRAME.out, FRAME.out + reply);
  call.inBytes = request;
  call.outSource = FRAME.out;
  call.outLength = reply;
  call.committed = true;
  return call;
}

test('a call comes out as it went in', () => {
  const ring = new CallRing({ entries: 4, bytes: 4096 });
  ring.ioctl(CALLER, 10, 30, passed(7, 100, 50), true, 0);
  const entry = ring.read(0);
  assert.equal(entry?.kind, 'ioctl');
  if (entry?.kind !== 'ioctl') return;
  assert.deepEqual([entry.startNs, entry.endNs, entry.held, entry.result], [10, 30, true, 0]);
  assert.deepEqual([entry.cmd, entry.committed, entry.compat, entry.outLength], [0x9a01, true, false, 50]);
  assert.deepEqual(entry.request, new Uint8Array(100).fill(7));
  assert.deepEqual(entry.reply, new Uint8Array(50).fill(8));
  assert.equal(entry.caller, CALLER);
});

test('the oldest entries make room for new ones, and their numbers are not used again', () => {
  const ring = new CallRing({ entries: 4, bytes: 4096 });
  for (let i = 0; i < 6; i++) ring.note(i, `note ${i}`);
  assert.deepEqual([ring.first, ring.next], [2, 6]);
  assert.equal(ring.read(1), undefined);
  assert.equal(ring.read(6), undefined);
  const kept = [2, 3, 4, 5].map((number) => ring.read(number));
  assert.deepEqual(
    kept.map((entry) => entry?.kind === 'note' && entry.note),
    ['note 2', 'note 3', 'note 4', 'note 5'],
  );
});

test('entries whose bytes were taken are gone, and none has bytes of another', () => {
  const ring = new CallRing({ entries: 64, bytes: 1000 });
  for (let i = 0; i < 40; i++) {
    ring.ioctl(CALLER, i, i, passed(i, 60 + i, 100 - i), false, 0);
    for (let number = ring.first; number < ring.next; number++) {
      const entry = ring.read(number);
      assert.ok(entry?.kind === 'ioctl');
      assert.deepEqual(entry.request, new Uint8Array(60 + number).fill(number), `request of ${number} after ${i}`);
      assert.deepEqual(entry.reply, new Uint8Array(100 - number).fill(number + 1), `reply of ${number} after ${i}`);
    }
  }
  assert.ok(ring.next - ring.first >= 4 && ring.next - ring.first <= 6, `${ring.next - ring.first} are kept`);
});
