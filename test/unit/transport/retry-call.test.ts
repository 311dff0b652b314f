import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FRAME } from '../../../src/kernel/call.ts';
import { RetryCall } from '../../../src/transport/retry-call.ts';

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
});
