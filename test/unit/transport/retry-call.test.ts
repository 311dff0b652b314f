import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FRAME } from '../../../src/kernel/call.ts';
import { Errno } from '../../../src/kernel/errno.ts';
import { copyStructFromUser } from '../../../src/kernel/ucmd.ts';
import { NEED_MORE, RetryCall, type UserRange } from '../../../src/transport/retry-call.ts';

describe('RetryCall', () => {
  it('keeps what was committed before an errno, and nothing that was queued after', () => {
    const call = new RetryCall();
    call.begin(0x3b84, 0x1000n);
    call.copyToUser(FRAME.arg, 0, FRAME.ucmd, 32);
    assert.equal(call.commit(), true);
    call.clearUser(FRAME.arg, 32, 8);
    call.dropUncommitted();
    assert.deepEqual(call.writes, [{ address: 0x1000n, length: 32, source: FRAME.ucmd }]);
  });

  it('has committed nothing at the start of each run', () => {
    const call = new RetryCall();
    call.begin(0x3b84, 0x1000n);
    call.copyToUser(FRAME.arg, 0, FRAME.ucmd, 32);
    call.commit();
    call.rewind();
    call.copyToUser(FRAME.arg, 0, FRAME.ucmd, 16);
    call.dropUncommitted();
    assert.deepEqual(call.writes, []);
  });

  it('looks at each page of a zero tail once, and keeps none of them', () => {
    const pages = 500;
    const memory = new Uint8Array((pages + 2) * 4096);
    const size = pages * 4096;
    new DataView(memory.buffer).setUint32(100, size, true);
    const call = new RetryCall();
    const ended = roundsOf(call, memory, 100);
    // the size word, the tail's pages, the structure
    assert.equal(ended.outcome, undefined);
    assert.equal(ended.asked.length, 1 + pages + 1 + 1);
    const tail = ended.asked.slice(1, -1);
    assert.equal(
      tail.reduce((sum, { length }) => sum + length, 0),
      size - 24,
    );
    for (const [i, { address, length }] of tail.entries()) {
      assert.equal(
        address,
        i === 0 ? 0x1000_0000n + 124n : (tail[i - 1]?.address ?? 0n) + BigInt(tail[i - 1]?.length ?? 0),
      );
      assert.ok((Number(address) % 4096) + length <= 4096, 'no read crosses a border');
    }
    assert.ok(ended.held <= 3, `${ended.held} pieces are kept`);

    memory[100 + size - 1] = 1;
    assert.equal(roundsOf(new RetryCall(), memory, 100).outcome?.name, 'E2BIG');
  });

  it('begins another ioctl from its start', () => {
    const memory = new Uint8Array(4 * 4096);
    new DataView(memory.buffer).setUint32(0, 3 * 4096, true);
    const call = new RetryCall();
    const { asked } = roundsOf(call, memory, 0);
    assert.deepEqual(roundsOf(call, memory, 0).asked, asked);
    memory[4096] = 1;
    assert.equal(roundsOf(call, memory, 0).outcome?.name, 'E2BIG');
  });
});

/** All rounds of reading a structure of 24 known bytes at `offset` of the caller's memory, which begins at 256 MiB. */
function roundsOf(call: RetryCall, memory: Uint8Array, offset: number) {
  const base = 0x1000_0000n;
  const asked: UserRange[] = [];
  call.begin(0x9a00, base + BigInt(offset));
  for (;;) {
    call.rewind();
    let outcome: Errno | undefined;
    try {
      copyStructFromUser(call, 24, 24, new Errno('EINVAL', 'too small'));
    } catch (error) {
      if (error === NEED_MORE && call.wanted !== undefined) {
        asked.push(call.wanted);
        const at = Number(call.wanted.address - base);
        call.grant(memory.subarray(at, at + call.wanted.length));
        continue;
      }
      outcome = error as Errno;
    }
    return { asked, outcome, held: (call as unknown as { granted: unknown[] }).granted.length };
  }
}
