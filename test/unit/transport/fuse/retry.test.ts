import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUSE_IOCTL_RETRY, inHeader, ioctlIn, ioctlOut, outHeader } from '../../../../src/abi/fuse.ts';
import { Held } from '../../../../src/abi/held.ts';
import { type Call, FRAME } from '../../../../src/kernel/call.ts';
import { Errno } from '../../../../src/kernel/errno.ts';
import { FileRequests } from '../../../../src/transport/fuse/file-requests.ts';
import { FuseBuffers, NO_REPLY } from '../../../../src/transport/fuse/reply.ts';
import { CuseRetry } from '../../../../src/transport/fuse/retry.ts';
import { FakeNative, MEMORY_BASE } from '../fake-native.ts';

const CMD = 0x9a00;

/**
 * A device served by retry: its ioctl reads a word, is held, queues the write of that word, and ends with what `held`
 * says; refuses where that is negative.
 */
function serve(always: boolean) {
  const native = new FakeNative();
  const buffers = new FuseBuffers(native);
  const bugs: unknown[] = [];
  const sent: number[] = [];
  const events = { bug: (error: unknown) => bugs.push(error), unreachable: (error: unknown) => bugs.push(error) };
  const requests: FileRequests = new FileRequests(
    buffers,
    'user:[1]',
    events,
    (length) => sent.push(length),
    (own) => new CuseRetry(own, buffers, always),
  );
  const held = new Held<number>();
  const ioctl = (call: Call) => {
    call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, 4);
    return held.map((result) => {
      call.copyToUser(FRAME.arg, 0, FRAME.ucmd, 4);
      if (result < 0) throw new Errno('ETIMEDOUT', 'late');
      call.commit();
      return result;
    });
  };
  const { request, reply } = buffers;
  request.setUint32(inHeader.pid, process.pid, true);
  requests.open({ open: () => ({ ioctl, release() {} }) }, 0);
  const fh = reply.getUint32(outHeader.bytes, true);
  const ask = (unique: number, inSize: number, outSize: number, tid = process.pid) => {
    request.setUint32(inHeader.pid, tid, true);
    request.setUint32(inHeader.unique, unique, true);
    const at = inHeader.bytes;
    request.setUint32(at + ioctlIn.fh, fh, true);
    request.setUint32(at + ioctlIn.cmd, CMD, true);
    request.setUint32(at + ioctlIn.arg, MEMORY_BASE, true);
    request.setUint32(at + ioctlIn.inSize, inSize, true);
    request.setUint32(at + ioctlIn.outSize, outSize, true);
    return requests.ioctl();
  };
  /** The message in the reply buffer: whose, its result, RETRY or not, ranges to read and to write. */
  const answer = () => [
    reply.getUint32(outHeader.unique, true),
    ...[ioctlOut.result, ioctlOut.flags, ioctlOut.inIovs, ioctlOut.outIovs].map((field) =>
      reply.getInt32(outHeader.bytes + field, true),
    ),
  ];
  return { native, held, ask, answer, sent, bugs };
}

for (const always of [true, false]) {
  test(`rounds with a held answer, ${always ? 'for everybody' : 'where the thread is out of reach'}`, () => {
    const { native, held, ask, answer, sent, bugs } = serve(always);
    if (!always) native.unreachable = -1;
    assert.equal(ask(2, 0, 0), outHeader.bytes + ioctlOut.bytes + 16);
    assert.deepEqual(answer(), [2, 0, FUSE_IOCTL_RETRY, 1, 0]);
    assert.equal(ask(4, 4, 0), NO_REPLY);
    ask(6, 0, 0, 1); // another thread meanwhile
    held.release(() => 5);
    assert.deepEqual([answer(), sent], [[4, 0, FUSE_IOCTL_RETRY, 1, 1], [outHeader.bytes + ioctlOut.bytes + 32]]);
    assert.equal(ask(8, 4, 4), outHeader.bytes + ioctlOut.bytes + 4);
    assert.deepEqual([answer(), bugs], [[8, 5, 0, 0, 0], []]);
  });
}

test('a late refusal drops what was not committed, and is a result', () => {
  const { held, ask, answer, sent } = serve(true);
  ask(2, 0, 0);
  ask(4, 4, 0);
  held.release(() => -1);
  assert.deepEqual([answer(), sent], [[4, -110, 0, 0, 0], [outHeader.bytes + ioctlOut.bytes]]);
});
