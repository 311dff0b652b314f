import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ERRNO } from '../../../../src/abi/errno.ts';
import { attr, entryOut, FUSE_IOCTL_COMPAT, initOut, OPCODE } from '../../../../src/abi/fuse.ts';
import { Held } from '../../../../src/abi/held.ts';
import { type Call, FRAME } from '../../../../src/kernel/call.ts';
import { Errno } from '../../../../src/kernel/errno.ts';
import type { OpenFile } from '../../../../src/kernel/file-ops.ts';
import { MountSession } from '../../../../src/transport/fuse/mount-session.ts';
import { FuseBuffers } from '../../../../src/transport/fuse/reply.ts';
import { type DeviceNode, directory, type TreeNode } from '../../../../src/transport/fuse/tree.ts';
import { FakeNative, MEMORY_BASE, words } from '../fake-native.ts';

const ROOT = 1;
const CMD = 0x9a00;

interface Seen {
  released: number;
  bugs: unknown[];
  unreachable: unknown[];
  ended: number[];
}

/** A session over a fake kernel, with one device file whose ioctl the test gives. */
function serve(ioctl: OpenFile['ioctl'], more: [string, TreeNode][] = []) {
  const native = new FakeNative();
  const seen: Seen = { released: 0, bugs: [], unreachable: [], ended: [] };
  const file: OpenFile = { ioctl, release: () => seen.released++ };
  const device: DeviceNode = { kind: 'device', fileOps: { open: () => file }, mode: 0o600, uid: 7, gid: 8 };
  const root = directory([['fwctl0', device], ...more]);
  const fd = openSync('/dev/null', 'r+');
  const session = new MountSession(fd, root, native, new FuseBuffers(native), 'user:[1]', {
    ended: (errno) => seen.ended.push(errno),
    bug: (error) => seen.bugs.push(error),
    unreachable: (error) => seen.unreachable.push(error),
  });
  return { native, seen, session, root };
}

const name = (text: string) => new TextEncoder().encode(`${text}\0`);
const ask = (native: FakeNative, opcode: number, nodeid: number, body?: Uint8Array) => {
  const reply = native.ask(opcode, nodeid, body);
  assert.ok(reply);
  return reply;
};
const lookup = (native: FakeNative, parent: number, child: string) => ask(native, OPCODE.LOOKUP, parent, name(child));
const open = (native: FakeNative) => {
  const id = lookup(native, ROOT, 'fwctl0').body.getUint32(entryOut.nodeid, true);
  const reply = ask(native, OPCODE.OPEN, id, words(2, 0));
  assert.equal(reply.error, 0);
  return { id, fh: reply.body.getUint32(0, true) };
};
const ioctl = (native: FakeNative, id: number, fh: number, flags = 0) =>
  ask(native, OPCODE.IOCTL, id, words(fh, 0, flags, CMD, MEMORY_BASE, 0, 0, 0));

describe('MountSession', () => {
  it('answers INIT with the lower of both minors', () => {
    const { native } = serve(() => 0);
    const low = ask(native, OPCODE.INIT, 0, words(7, 31, 0, 0xffffffff));
    assert.equal(low.body.getUint32(initOut.major, true), 7);
    assert.equal(low.body.getUint32(initOut.minor, true), 31);
    const timed = ask(native, OPCODE.INIT, 0, words(7, 45, 0, 1 << 30, 0x400)).body;
    assert.deepEqual(
      [timed.getUint32(initOut.flags2, true), timed.getUint16(initOut.requestTimeout, true)],
      [0x400, 65535],
    );
    const untimed = ask(native, OPCODE.INIT, 0, words(7, 45, 0, 1 << 30, 0x1ff)).body;
    assert.deepEqual(
      [untimed.getUint32(initOut.flags2, true), untimed.getUint16(initOut.requestTimeout, true)],
      [0, 0],
    );
    assert.equal(ask(native, OPCODE.INIT, 0, words(7, 99, 0, 0)).body.getUint32(initOut.minor, true), 38);
  });

  it('shows a device as a regular file with its mode and owner', () => {
    const { native } = serve(() => 0);
    const { body } = lookup(native, ROOT, 'fwctl0');
    assert.equal(body.getUint32(entryOut.attr + attr.mode, true), 0o100600);
    assert.equal(body.getUint32(entryOut.attr + attr.uid, true), 7);
    assert.equal(body.getUint32(entryOut.attr + attr.gid, true), 8);
    assert.equal(lookup(native, ROOT, 'fwctl1').error, -ERRNO.ENOENT);
    assert.equal(lookup(native, 99, 'fwctl0').error, -ERRNO.ENOENT);
  });

  it('follows entries that come and go, and keeps a removed node usable by its id', () => {
    const { native, root } = serve(() => 0);
    const { id } = open(native);
    root.entries.delete('fwctl0');
    assert.equal(lookup(native, ROOT, 'fwctl0').error, -ERRNO.ENOENT);
    assert.equal(ask(native, OPCODE.GETATTR, id).error, 0);
    native.ask(OPCODE.FORGET, id, words(1, 0));
    assert.equal(ask(native, OPCODE.GETATTR, id).error, -ERRNO.ENOENT);
  });

  it('carries an ioctl: structure in, structure out, result', () => {
    const { native } = serve((call: Call) => {
      assert.equal(call.cmd, CMD);
      assert.equal(call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, 8), 8);
      call.view.setUint32(FRAME.ucmd + 4, call.view.getUint32(FRAME.ucmd, true) + 1, true);
      call.copyToUser(FRAME.arg, 0, FRAME.ucmd, 8);
      return call.commit() ? 5 : 0;
    });
    native.memory.set(words(41));
    const { id, fh } = open(native);
    assert.equal(ioctl(native, id, fh).body.getInt32(0, true), 5);
    assert.deepEqual(native.memory.slice(0, 8), words(41, 42));
  });

  it('answers errnos through the result, 32-bit callers and unknown handles by their own', () => {
    const { native } = serve((call) => {
      throw call.compat ? new Errno('ENOTTY', 'no compat_ioctl') : new Errno('EBADMSG', 'a rule');
    });
    const { id, fh } = open(native);
    assert.equal(ioctl(native, id, fh).body.getInt32(0, true), -ERRNO.EBADMSG);
    assert.equal(ioctl(native, id, fh, FUSE_IOCTL_COMPAT).body.getInt32(0, true), -ERRNO.ENOTTY);
    assert.equal(ioctl(native, id, fh).body.getInt32(0, true), -ERRNO.EBADMSG, 'the next caller has 64 bits');
    assert.equal(ioctl(native, id, 77).error, -ERRNO.EBADF);
  });

  it('answers errnos in the header where the word asks for data, late ones too', () => {
    const held = new Held<number>();
    let calls = 0;
    const { native } = serve(() => {
      if (calls++ === 0) throw new Errno('EFAULT', 'a rule');
      return held;
    });
    const { id, fh } = open(native);
    const sized = words(fh, 0, 0, CMD, MEMORY_BASE, 0, 0, 4);
    assert.equal(ask(native, OPCODE.IOCTL, id, sized).error, -ERRNO.EFAULT);
    assert.equal(native.ask(OPCODE.IOCTL, id, sized), undefined);
    held.release(() => {
      throw new Errno('ETIMEDOUT', 'late');
    });
    const late = new DataView(native.replies.at(-1)?.buffer as ArrayBuffer);
    assert.equal(late.getInt32(4, true), -ERRNO.ETIMEDOUT);
  });

  it('finds no device behind an ioctl on a directory, a text or a stream, whatever is open', () => {
    const text: TreeNode = { kind: 'text', mode: 0o444, read: () => 'x' };
    const stream: TreeNode = {
      ...{ kind: 'stream', mode: 0o444, uid: 0, gid: 0 },
      open: () => ({ peek: () => undefined, next() {}, onRecord: () => () => {} }),
    };
    const { native } = serve(
      () => 7,
      [
        ['text', text],
        ['stream', stream],
      ],
    );
    for (let i = 0; i < 3; i++) open(native);
    const opened = [
      ask(native, OPCODE.OPENDIR, ROOT, words(0, 0)),
      ...['text', 'stream'].map((child) => {
        const id = lookup(native, ROOT, child).body.getUint32(entryOut.nodeid, true);
        return ask(native, OPCODE.OPEN, id, words(0, 0));
      }),
    ];
    for (const { body } of opened) {
      assert.equal(ioctl(native, ROOT, body.getUint32(0, true)).error, -ERRNO.ENOTTY);
    }
  });

  it('answers EFAULT and tells when the caller cannot be reached', () => {
    const { native, seen } = serve((call) => call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, 4));
    const { id, fh } = open(native);
    native.unreachable = -ERRNO.EPERM;
    assert.equal(ioctl(native, id, fh).body.getInt32(0, true), -ERRNO.EFAULT);
    assert.equal(seen.unreachable.length, 1);
  });

  it('answers EIO for a bug and lives on', () => {
    const { native, seen } = serve(() => {
      throw new TypeError('ours');
    });
    const { id, fh } = open(native);
    assert.equal(ioctl(native, id, fh).body.getInt32(0, true), -ERRNO.EIO);
    assert.equal(seen.bugs.length, 1);
    assert.equal(ask(native, OPCODE.GETATTR, id).error, 0);
  });

  it('holds one caller and serves others; the late answer is addressed to the held one', () => {
    const held = new Held<number>();
    let calls = 0;
    const { native } = serve(() => (calls++ === 0 ? held : 3));
    const { id, fh } = open(native);
    assert.equal(native.ask(OPCODE.IOCTL, id, words(fh, 0, 0, CMD, MEMORY_BASE, 0, 0, 0)), undefined);
    const heldUnique = native.replies.length * 2 + 2;
    assert.equal(ioctl(native, id, fh).body.getInt32(0, true), 3);
    held.release(() => {
      throw new Errno('ETIMEDOUT', 'late');
    });
    const late = new DataView(native.replies.at(-1)?.buffer as ArrayBuffer);
    assert.equal(late.getUint32(8, true), heldUnique);
    assert.equal(late.getInt32(16, true), -ERRNO.ETIMEDOUT);
  });

  it('sends an answer that is let go within the request of another to its own caller', () => {
    const held = new Held<number>();
    const answers: (() => number | Held<number>)[] = [
      () => held,
      () => {
        held.release(() => 7);
        return 3;
      },
    ];
    const calls: Call[] = [];
    const { native } = serve((call) => {
      calls.push(call);
      return answers.shift()?.() ?? 0;
    });
    const { id, fh } = open(native);
    const before = native.replies.length;
    const request = words(fh, 0, 0, CMD, MEMORY_BASE, 0, 0, 0);
    native.ask(OPCODE.IOCTL, id, request);
    native.ask(OPCODE.IOCTL, id, request);
    const replies = native.replies.slice(before).map((reply) => new DataView(reply.buffer));
    assert.deepEqual(
      replies.map((reply) => [reply.getUint32(8, true), reply.getInt32(16, true)]),
      [
        [2 * before + 2, 7],
        [2 * before + 4, 3],
      ],
    );
    assert.notEqual(calls[0], calls[1], 'a held call keeps its frame');
  });

  it('writes nothing to a caller that the end of the connection has let go', () => {
    const held: Held<number>[] = [];
    const answer = (call: Call) => () => {
      call.view.setUint32(FRAME.ucmd, 0xabcd, true);
      call.copyToUser(FRAME.arg, 0, FRAME.ucmd, 4);
      assert.equal(call.commit(), true);
      return 0;
    };
    const { native, session, seen } = serve((call) => {
      const late = new Held<number>();
      held.push(late);
      return late.map(answer(call));
    });
    const { id, fh } = open(native);
    const request = words(fh, 0, 0, CMD, MEMORY_BASE, 0, 0, 0);
    native.ask(OPCODE.IOCTL, id, request);
    held[0]?.release(() => 0);
    assert.deepEqual(native.memory.slice(0, 4), words(0xabcd), 'while it waits');
    native.memory.fill(0xaa, 0, 4);
    native.ask(OPCODE.IOCTL, id, request);
    const before = native.replies.length;
    session.close();
    held[1]?.release(() => 0);
    assert.deepEqual(native.memory.slice(0, 4), words(0xaaaaaaaa));
    assert.equal(native.replies.length, before);
    assert.deepEqual(seen.bugs, []);
  });

  it('releases a file whose open was held until after the end of the connection', () => {
    const held = new Held<OpenFile>();
    const slow: DeviceNode = { kind: 'device', fileOps: { open: () => held }, mode: 0o600, uid: 0, gid: 0 };
    const { native, session } = serve(() => 0, [['slow', slow]]);
    const id = lookup(native, ROOT, 'slow').body.getUint32(entryOut.nodeid, true);
    assert.equal(native.ask(OPCODE.OPEN, id, words(2, 0)), undefined);
    session.close();
    let released = 0;
    held.release(() => ({ ioctl: () => 0, release: () => released++ }));
    assert.equal(released, 1);
  });

  it('releases once at RELEASE, and what is open when the connection ends', () => {
    const { native, seen, session } = serve(() => 0);
    const first = open(native);
    open(native);
    assert.equal(ask(native, OPCODE.RELEASE, first.id, words(first.fh, 0, 0, 0, 0, 0)).error, 0);
    assert.equal(seen.released, 1);
    assert.equal(ask(native, OPCODE.RELEASE, first.id, words(first.fh, 0, 0, 0, 0, 0)).error, -ERRNO.EBADF);
    session.close();
    assert.equal(seen.released, 2);
    assert.equal(native.watched, 0);
  });

  it('lets one thread make and remove a name once more, and nobody else', () => {
    const { native, root } = serve(() => 0);
    const device = root.entries.get('fwctl0');
    assert.ok(device?.kind === 'device');
    const mknod = (text: string) =>
      ask(native, OPCODE.MKNOD, ROOT, new Uint8Array([...words(0, 0, 0, 0), ...name(text)]));
    const unlink = (text: string) => ask(native, OPCODE.UNLINK, ROOT, name(text));
    const change = { name: 'fwctl0', node: device, tid: process.pid };
    for (const refused of [mknod('fwctl0'), mknod('other'), unlink('fwctl0')])
      assert.equal(refused.error, -ERRNO.EPERM);

    root.change = { ...change, came: true };
    assert.equal(lookup(native, ROOT, 'fwctl0').error, -ERRNO.ENOENT, 'it is to make it');
    for (const refused of [mknod('other'), unlink('fwctl0')]) assert.equal(refused.error, -ERRNO.EPERM);
    const made = mknod('fwctl0');
    assert.equal(made.error, 0);
    root.change = { ...change, came: true, tid: process.pid + 1 };
    const found = lookup(native, ROOT, 'fwctl0');
    assert.equal(found.body.getUint32(entryOut.nodeid, true), made.body.getUint32(entryOut.nodeid, true));
    assert.equal(mknod('fwctl0').error, -ERRNO.EPERM, "another's");

    root.entries.delete('fwctl0');
    root.change = { ...change, came: false };
    assert.equal(lookup(native, ROOT, 'fwctl0').error, 0, 'it is to remove it');
    assert.equal(unlink('fwctl0').error, 0);
    root.change = undefined;
    assert.equal(lookup(native, ROOT, 'fwctl0').error, -ERRNO.ENOENT);
    assert.equal(unlink('fwctl0').error, -ERRNO.EPERM);
  });

  it('keeps in the kernel what stays, and nothing else', () => {
    const stays = { ...directory(), lasting: true };
    const { native } = serve(
      () => 0,
      [
        ['stays', stays],
        ['goes', directory()],
      ],
    );
    const validity = (text: string) => {
      const { body } = lookup(native, ROOT, text);
      return [entryOut.entryValid, entryOut.attrValid].map((field) => body.getUint32(field, true));
    };
    assert.deepEqual(validity('stays'), [31_536_000, 31_536_000]);
    assert.deepEqual(validity('goes'), [0, 1]);
    assert.deepEqual(validity('fwctl0'), [0, 1]);
  });

  it('reads texts and per-caller links', () => {
    const { native } = serve(
      () => 0,
      [
        ['text', { kind: 'text', mode: 0o444, read: () => 'hello\n' }],
        ['link', { kind: 'link', target: (caller) => `to-${caller.tid}` }],
        ['none', { kind: 'link', target: () => undefined }],
      ],
    );
    const textId = lookup(native, ROOT, 'text').body.getUint32(0, true);
    const { body } = ask(native, OPCODE.READ, textId, words(0, 0, 2, 0, 3, 0, 0, 0, 0, 0));
    assert.equal(new TextDecoder().decode(body), 'llo');
    const linkId = lookup(native, ROOT, 'link').body.getUint32(0, true);
    assert.equal(new TextDecoder().decode(ask(native, OPCODE.READLINK, linkId).body), `to-${process.pid}`);
    assert.equal(lookup(native, ROOT, 'none').error, -ERRNO.ENOENT);
  });

  it('reads and writes bytes at their offsets, by who opened them', () => {
    const written: [number, number[]][] = [];
    const node: TreeNode = {
      kind: 'bytes',
      mode: 0o644,
      size: 8,
      read: (offset, length, privileged) =>
        Uint8Array.of(privileged ? 1 : 0, offset > 0xffff_ffff ? 9 : offset, length),
      write(offset, bytes) {
        written.push([offset, [...bytes]]);
        return 2;
      },
    };
    const { native } = serve(() => 0, [['bytes', node]]);
    const id = lookup(native, ROOT, 'bytes').body.getUint32(0, true);
    const fh = ask(native, OPCODE.OPEN, id, words(2, 0)).body.getUint32(0, true);
    const read = (handle: number, low: number, high: number) =>
      [
        ...new Uint8Array(ask(native, OPCODE.READ, id, words(handle, 0, low, high, 5, 0, 0, 0, 0, 0)).body.buffer),
      ].slice(-3);
    // the namespace of the test is not the one that counts
    assert.deepEqual(read(fh, 3, 0), [0, 3, 5]);
    assert.deepEqual(read(fh | 1, 3, 0), [1, 3, 5]);
    assert.deepEqual(read(fh, 0, 1), [0, 9, 5]);
    const { body } = ask(native, OPCODE.WRITE, id, words(fh, 0, 4, 0, 3, 0, 0, 0, 0, 0, 0x030201));
    assert.equal(body.getUint32(0, true), 2);
    assert.deepEqual(written, [[4, [1, 2, 3]]]);
    assert.equal(ask(native, OPCODE.IOCTL, id, words(fh | 1, 0, 0, CMD, 0, 0, 0, 0)).error, -ERRNO.ENOTTY);
  });

  it('never throws and never answers twice, whatever bytes a request has', () => {
    const { native, seen } = serve(() => 0, [['text', { kind: 'text', mode: 0o444, read: () => 'x' }]]);
    open(native);
    const opcodes = fc.oneof(fc.constantFrom(...Object.values(OPCODE)), fc.nat(0xffff));
    fc.assert(
      fc.property(opcodes, fc.nat(6), fc.uint8Array({ maxLength: 200 }), (opcode, nodeid, body) => {
        const before = native.replies.length;
        native.ask(opcode, nodeid, body);
        assert.ok(native.replies.length - before <= 1);
      }),
      { numRuns: 3000 },
    );
    assert.deepEqual(seen.bugs, []);
  });

  it('ends with its descriptor', () => {
    const { session, native, seen } = serve(() => 0);
    session.close();
    session.close();
    assert.equal(native.ask(OPCODE.GETATTR, ROOT), undefined);
    assert.deepEqual(seen.ended, []);
    assert.equal(native.watched, 0);
  });

  it('tells an unmount from the end of a connection that owes answers', () => {
    const idle = serve(() => 0);
    open(idle.native);
    idle.native.end();
    const busy = serve(() => new Held<number>());
    const { id, fh } = open(busy.native);
    busy.native.ask(OPCODE.IOCTL, id, words(fh, 0, 0, CMD, MEMORY_BASE, 0, 0, 0));
    busy.native.end();
    assert.deepEqual([idle.seen.ended, busy.seen.ended], [[0], [ERRNO.ECONNABORTED]]);
  });
});
