/** Text files and streams of a mounted tree, request by request. */
import assert from 'node:assert/strict';
import { constants, openSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ERRNO } from '../../../../src/abi/errno.ts';
import { attr, entryOut, OPCODE } from '../../../../src/abi/fuse.ts';
import { systemClock } from '../../../../src/host/machine/clock.ts';
import { Errno } from '../../../../src/kernel/errno.ts';
import { Kmsg } from '../../../../src/kernel/kmsg.ts';
import { MountSession } from '../../../../src/transport/fuse/mount-session.ts';
import { FuseBuffers } from '../../../../src/transport/fuse/reply.ts';
import { directory, type TextNode, type TreeNode } from '../../../../src/transport/fuse/tree.ts';
import { kernelLogNode } from '../../../../src/view/kernel-log.ts';
import { FakeNative, words } from '../fake-native.ts';

const O_RDONLY = 0;
const O_WRONLY = 1;
const O_RDWR = 2;

function serve(nodes: Record<string, TreeNode>) {
  const native = new FakeNative();
  const bugs: unknown[] = [];
  const events = { ended() {}, bug: (error: unknown) => bugs.push(error), unreachable() {} };
  new MountSession(
    openSync('/dev/null', 'r+'),
    directory(Object.entries(nodes)),
    native,
    new FuseBuffers(native),
    '',
    events,
  );
  const ask = (opcode: number, nodeid: number, body?: Uint8Array) => native.ask(opcode, nodeid, body);
  const lookup = (name: string) => {
    const reply = ask(OPCODE.LOOKUP, 1, new TextEncoder().encode(`${name}\0`));
    assert.equal(reply?.error, 0, name);
    return { id: reply?.body.getUint32(entryOut.nodeid, true) ?? 0, body: reply?.body as DataView };
  };
  const open = (id: number, flags: number) => ask(OPCODE.OPEN, id, words(flags, 0));
  const read = (id: number, fh: number, size: number, flags = 0, offset = 0) =>
    ask(OPCODE.READ, id, words(fh, 0, offset, 0, size, 0, 0, 0, flags, 0));
  const textOf = (reply: ReturnType<typeof ask>) =>
    new TextDecoder().decode(new Uint8Array(reply?.body.buffer as ArrayBuffer, reply?.body.byteOffset));
  return { native, bugs, ask, lookup, open, read, textOf };
}

const text = (mode: number, more: Partial<TextNode> = {}): TextNode => ({
  kind: 'text',
  mode,
  read: () => 'hello\n',
  ...more,
});

describe('a text file', () => {
  it('says the size that it is given, and is read at an offset', () => {
    const { lookup, open, read, textOf } = serve({ a: text(0o444, { size: 4096 }) });
    const { id, body } = lookup('a');
    assert.equal(body.getUint32(entryOut.attr + attr.size, true), 4096);
    assert.equal(open(id, O_RDONLY)?.error, 0);
    assert.equal(textOf(read(id, 0, 100)), 'hello\n');
    assert.equal(textOf(read(id, 0, 3, 0, 2)), 'llo');
    assert.equal(textOf(read(id, 0, 100, 0, 99)), '');
  });

  it('is opened by its mode bits alone, as kernfs has it', () => {
    const { lookup, open } = serve({ ro: text(0o444), wo: text(0o200), rw: text(0o644) });
    const errors = (name: string) => [O_RDONLY, O_WRONLY, O_RDWR].map((flags) => open(lookup(name).id, flags)?.error);
    assert.deepEqual(errors('ro'), [0, -ERRNO.EACCES, -ERRNO.EACCES]);
    assert.deepEqual(errors('wo'), [-ERRNO.EACCES, 0, -ERRNO.EACCES]);
    assert.deepEqual(errors('rw'), [0, 0, 0]);
  });

  it('fails as it says, and takes writes where it does', () => {
    const written: string[] = [];
    const fails = text(0o644, {
      read() {
        throw new Errno('EIO', 'no');
      },
    });
    const takes = text(0o644, { write: (bytes) => void written.push(new TextDecoder().decode(bytes)) });
    const { lookup, read, ask, bugs } = serve({ fails, takes, plain: text(0o644) });
    assert.equal(read(lookup('fails').id, 0, 10)?.error, -ERRNO.EIO);
    const body = new Uint8Array(40 + 6);
    new DataView(body.buffer).setUint32(16, 6, true);
    body.set(new TextEncoder().encode('change'), 40);
    assert.equal(ask(OPCODE.WRITE, lookup('takes').id, body)?.body.getUint32(0, true), 6);
    assert.deepEqual(written, ['change']);
    assert.equal(ask(OPCODE.WRITE, lookup('plain').id, body)?.error, -ERRNO.EIO);
    assert.deepEqual(bugs, []);
  });
});

describe('the kernel log as a file', () => {
  it('gives one record a read, EAGAIN at the end, each opening from the start', () => {
    const kmsg = new Kmsg({ ...systemClock, monotonicNs: () => 5000 });
    kmsg.print(4, 'one');
    kmsg.print(6, 'two', { subsystem: 'fwctl', device: 'c252:0' });
    const { lookup, open, read, textOf } = serve({ kmsg: kernelLogNode(kmsg, { uid: 0, gid: 0 }) });
    const { id } = lookup('kmsg');
    const fh = open(id, O_RDONLY)?.body.getUint32(0, true) ?? 0;
    const again = open(id, O_RDONLY)?.body.getUint32(0, true) ?? 0;
    assert.equal(read(id, fh, 3, constants.O_NONBLOCK)?.error, -ERRNO.EINVAL, 'too little room: the record stays');
    assert.equal(textOf(read(id, fh, 8191, constants.O_NONBLOCK)), '4,0,5,-;one\n');
    assert.equal(textOf(read(id, fh, 8191, constants.O_NONBLOCK)), '6,1,5,-;two\n SUBSYSTEM=fwctl\n DEVICE=c252:0\n');
    assert.equal(read(id, fh, 8191, constants.O_NONBLOCK)?.error, -ERRNO.EAGAIN);
    assert.equal(textOf(read(id, again, 8191)), '4,0,5,-;one\n');
  });

  it('keeps a reader waiting for the next record, and lets a signal end that', () => {
    const kmsg = new Kmsg(systemClock);
    const { lookup, open, read, textOf, native, ask } = serve({ kmsg: kernelLogNode(kmsg, { uid: 0, gid: 0 }) });
    const { id } = lookup('kmsg');
    const fh = open(id, O_RDONLY)?.body.getUint32(0, true) ?? 0;
    assert.equal(read(id, fh, 8191), undefined);
    const before = native.replies.length;
    kmsg.print(4, 'late');
    assert.equal(native.replies.length, before + 1);
    assert.match(new TextDecoder().decode((native.replies.at(-1) as Uint8Array).subarray(16)), /;late\n$/);

    assert.equal(read(id, fh, 8191), undefined);
    const waiting = lastUnique(native);
    const interrupted = ask(OPCODE.INTERRUPT, 0, words(waiting, 0));
    assert.equal(interrupted?.error, -ERRNO.EINTR);
    assert.equal(uniqueOf(native.replies.at(-1)), waiting);
    kmsg.print(4, 'nobody waits');
    assert.equal(uniqueOf(native.replies.at(-1)), waiting, 'no second answer');
    assert.match(textOf(read(id, fh, 8191)), /;nobody waits\n$/);
  });
});

function uniqueOf(reply: Uint8Array | undefined): number {
  return new DataView((reply as Uint8Array).buffer).getUint32(8, true);
}

/** FakeNative counts by two. */
function lastUnique(native: FakeNative): number {
  return (native as unknown as { unique: number }).unique;
}
