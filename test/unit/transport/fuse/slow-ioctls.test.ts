/** Ioctls whose caller's pages come late: what is asked of the copier, what is answered, and who is let go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUSE_IOCTL_RETRY, inHeader, ioctlIn, ioctlOut, outHeader } from '../../../../src/abi/fuse.ts';
import { type Call, FRAME } from '../../../../src/kernel/call.ts';
import { Errno } from '../../../../src/kernel/errno.ts';
import { FileRequests } from '../../../../src/transport/fuse/file-requests.ts';
import { FuseBuffers, NO_REPLY } from '../../../../src/transport/fuse/reply.ts';
import { CuseRetry } from '../../../../src/transport/fuse/retry.ts';
import { COPY } from '../../../../src/transport/native.ts';
import { FakeNative, MEMORY_BASE } from '../fake-native.ts';

const TOO_SHORT = new Errno('EINVAL', 'too short');

/** A device whose ioctl reads 8 bytes of structure and 4 of payload, and writes both back. */
function serve(cuse = false, pid = process.pid) {
  const native = new FakeNative();
  native.absent = true;
  const buffers = new FuseBuffers(native);
  const sent: number[] = [];
  const bug = (error: unknown) => assert.fail(String(error));
  const retry = cuse ? (own: FileRequests) => new CuseRetry(own, buffers, false) : undefined;
  const events = { bug, unreachable() {} };
  const requests: FileRequests = new FileRequests(buffers, 'user:[1]', events, (length) => sent.push(length), retry);
  let runs = 0;
  let ended = 0;
  const identities = new Set<unknown>();
  const ioctl = (call: Call) => {
    runs++;
    identities.add(call.ioctl);
    const copied = call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, 8);
    if (copied < 8) throw TOO_SHORT;
    if (call.copyFromUser(FRAME.arg, 8, FRAME.in, 4) < 4) throw new Errno('EFAULT', 'payload');
    call.copyToUser(FRAME.arg, 8, FRAME.in, 4);
    call.copyToUser(FRAME.arg, 0, FRAME.ucmd, 8, true);
    ended++;
    return call.commit() ? 5 : -1;
  };
  const { request, reply } = buffers;
  request.setUint32(inHeader.pid, pid, true);
  requests.open({ open: () => ({ ioctl, release() {} }) }, 0);
  const fh = reply.getUint32(outHeader.bytes, true);
  const at = inHeader.bytes;
  request.setUint32(inHeader.unique, 42, true);
  request.setUint32(at + ioctlIn.fh, fh, true);
  request.setUint32(at + ioctlIn.arg, MEMORY_BASE, true);
  request.setUint32(at + ioctlIn.inSize, 0, true);
  const first = requests.ioctl();
  // another request comes and goes
  request.setUint32(inHeader.unique, 44, true);
  const result = () => [
    reply.getUint32(outHeader.unique, true),
    reply.getInt32(outHeader.bytes + ioctlOut.result, true),
    reply.getUint32(outHeader.bytes + ioctlOut.flags, true),
  ];
  const counts = () => ({ runs, ended, identities: identities.size });
  const kinds = () => native.jobs.map(({ kind, length }) => [kind, length]);
  return { native, first, sent, result, counts, kinds, requests };
}

/** The copier brings the size word of a structure of 8 bytes, or other bytes. */
const bring =
  (bytes: number) =>
  (frame: Uint8Array, { place }: { place: number }) => {
    if (place === FRAME.ucmd) frame[place] = 8;
    return [bytes, 0] as const;
  };

test('what is read is fetched piece by piece, what is written is written last, and the ioctl is one', () => {
  const { native, first, sent, result, counts, kinds } = serve();
  assert.equal(first, NO_REPLY);
  for (const bytes of [4, 8, 4]) native.endJob(bring(bytes));
  assert.deepEqual([sent, counts().ended], [[], 1]);
  for (const bytes of [4, 8]) native.endJob(bring(bytes));
  assert.deepEqual(kinds(), [
    [COPY.read, 4],
    [COPY.read, 8],
    [COPY.read, 4],
    [COPY.write, 4],
    [COPY.write, 8],
  ]);
  assert.deepEqual([result(), sent.length, counts().identities], [[42, 5, 0], 1, 1]);
});

test('of a structure no more is touched than its size word counts', () => {
  const { native, result, kinds } = serve();
  native.endJob((frame, { place }) => {
    frame[place] = 6;
    return [4, 0];
  });
  native.endJob(() => [6, 0]);
  assert.deepEqual(
    [kinds(), result()],
    [
      [
        [COPY.read, 4],
        [COPY.read, 6],
      ],
      [42, -22, 0],
    ],
  );
});

test('a fault of the copier is one of the ioctl; what is to be written anyway is', () => {
  const early = serve();
  early.native.endJob(bring(2));
  assert.deepEqual(early.result(), [42, -22, 0]);
  const late = serve();
  for (const bytes of [4, 8, 4, 3, 8]) late.native.endJob(bring(bytes));
  assert.deepEqual([late.kinds().length, late.result()], [5, [42, -14, 0]]);
});

test('a caller that is killed is let go, and its copier is ended', () => {
  const gone = 0x3fffffff; // no such thread: above any pid_max
  const { native, sent, result, requests, counts } = serve(false, gone);
  requests.interrupt();
  assert.deepEqual([sent.length, result(), native.copiersEnded, counts().ended], [1, [42, -4, 0], 1, 0]);
});

test('a caller that only had a signal waits on', () => {
  const { native, sent, requests } = serve();
  requests.interrupt();
  assert.deepEqual([sent, native.copiersEnded], [[], 0]);
  requests.end();
  assert.deepEqual([sent, native.copiersEnded], [[], 1]);
});

test('over CUSE the kernel is asked for what no copier reaches, before the ioctl has run and after', async () => {
  const reading = serve(true);
  reading.native.endJob(() => [0, 1]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([reading.result(), reading.counts().ended], [[42, 0, FUSE_IOCTL_RETRY], 0]);
  const writing = serve(true);
  for (const bytes of [4, 8, 4]) writing.native.endJob(bring(bytes));
  writing.native.endJob(() => [0, 1]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([writing.result(), writing.counts().ended], [[42, 0, FUSE_IOCTL_RETRY], 1]);
});
