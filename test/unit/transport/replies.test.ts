/** Replies that are handed over together (native/replies.c), over a pair of sockets in place of /dev/fuse. */
import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ERRNO } from '../../../src/abi/errno.ts';
import { inHeader, OPCODE } from '../../../src/abi/fuse.ts';
import { loadNative } from '../../../src/transport/native.ts';

const native = loadNative();
const request = new DataView(new ArrayBuffer(4096));
const reply = new Uint8Array(4096);
/** More than are kept at the most. */
const MANY = 20;
const KEPT = 8;
/** So many requests are answered at once after one that took long, be it by this machine's own load. */
const PAUSE = 64;
const LONG = 513;

/** A request of a thread: a header, its number in place of the node. */
function ask(fd: number, tid: number, number: number): void {
  const header = new DataView(new ArrayBuffer(inHeader.bytes));
  header.setUint32(inHeader.len, inHeader.bytes, true);
  header.setUint32(inHeader.opcode, OPCODE.IOCTL, true);
  header.setUint32(inHeader.nodeid, number, true);
  header.setUint32(inHeader.pid, tid, true);
  writeSync(fd, new Uint8Array(header.buffer));
}

describe('replies of a session', () => {
  let client = -1;
  let server = -1;
  beforeEach(() => {
    native.setBuffers(request.buffer as ArrayBuffer, reply.buffer);
    const pair = native.socketPair();
    assert.ok(Array.isArray(pair));
    [client, server] = pair;
    native.unwatch(native.watch(server, () => {})); // non-blocking from now on
    crowd();
  });
  afterEach(() => {
    closeSync(client);
    closeSync(server);
  });

  /** What has arrived by now. */
  function arrived(): string[] {
    const texts: string[] = [];
    for (;;) {
      const message = native.receiveMessage(client);
      if (typeof message === 'number') return texts;
      texts.push(message.text);
    }
  }

  /** Puts the answer to the request at hand into the reply buffer: its length. */
  function answer(length = 0): number {
    reply.fill(0x2e, 0, length);
    const text = new TextEncoder().encode(`answer ${request.getUint32(inHeader.nodeid, true)}`);
    reply.set(text);
    return Math.max(text.length, length);
  }

  /** As many changes of the caller as end a pause. */
  function crowd(): void {
    for (let i = 0; i <= PAUSE; i++) ask(client, 7 + (i % 2), i);
    for (let n = native.readRequest(server); n > 0; ) n = native.replyThenRead(server, answer());
    arrived();
  }

  /** Serves one wake-up, and tells after each reply how many have arrived. */
  async function wakeUp(each: () => boolean, length: (number: number) => number = () => 0): Promise<void> {
    await new Promise<void>((done, fail) => {
      const watch = native.watch(server, () => {
        try {
          let n = native.readRequest(server);
          while (n > 0) {
            n = native.replyThenRead(server, answer(length(request.getUint32(inHeader.nodeid, true))));
            if (!each()) break;
          }
          native.unwatch(watch);
          done();
        } catch (error) {
          fail(error);
        }
      });
    });
    await turn();
  }

  const numbers = (count: number) => Array.from({ length: count }, (_, i) => `answer ${i}`);

  it('of one thread are written at once', async () => {
    const texts: string[] = [];
    const counts: number[] = [];
    ask(client, 7, 0);
    await wakeUp(() => true); // one alone: nobody else calls now
    assert.equal(arrived().length, 1);
    for (let i = 0; i < 4; i++) ask(client, 7, i);
    await wakeUp(() => {
      const now = arrived();
      counts.push(now.length);
      return texts.push(...now) < 4;
    });
    assert.deepEqual(texts, numbers(4));
    assert.deepEqual(counts, [1, 1, 1, 1]);
  });

  it('of several threads come whole and in their order, eight together', async () => {
    for (let kept = false, tries = 0; !kept; tries++) {
      assert.ok(tries < 50, 'never kept');
      const counts: number[] = [];
      const texts: string[] = [];
      for (let i = 0; i < MANY; i++) ask(client, 7 + (i % 2), i);
      await wakeUp(() => {
        const now = arrived();
        texts.push(...now);
        counts.push(now.length);
        return true;
      });
      assert.deepEqual(texts, numbers(MANY));
      kept = counts.filter((count) => count === 0).length > MANY / 2;
      assert.ok(Math.max(...counts) <= KEPT, `arrived after each: ${counts}`);
    }
  });

  it('are written before a long one, which is not kept', async () => {
    for (let i = 0; i < MANY; i++) ask(client, 7 + (i % 2), i);
    const texts: string[] = [];
    const lengths = (i: number) => (i % 5 === 4 ? LONG : 0);
    await wakeUp(() => texts.push(...arrived()) >= 0, lengths);
    assert.deepEqual(
      texts,
      numbers(MANY).map((text, i) => text.padEnd(lengths(i), '.')),
    );
  });

  it('do not wait for a request that takes long by itself, nor for the next ones', async () => {
    for (let kept = false, tries = 0; !kept; tries++) {
      assert.ok(tries < 50, 'never kept');
      crowd();
      for (let i = 0; i < MANY; i++) ask(client, 7 + (i % 2), i);
      const counts: number[] = [];
      await wakeUp(
        () => counts.push(arrived().length) > 0,
        (i) => {
          if (i === 3) for (const end = performance.now() + 1; performance.now() < end; );
          return 0;
        },
      );
      const sum = counts.reduce((total, count) => total + count, 0) + arrived().length;
      assert.equal(sum, MANY);
      kept = counts[2] === 0;
      if (kept) assert.deepEqual(counts.slice(4), Array(MANY - 4).fill(1));
    }
  });

  it('are written when the wake-up ends in the midst of them', async () => {
    for (let i = 0; i < MANY; i++) ask(client, 7 + (i % 2), i);
    let served = 0;
    await wakeUp(() => ++served < 5);
    assert.deepEqual(arrived(), numbers(5));
  });

  it('that the kernel refuses are told with their opcode, and the others are written', () => {
    for (let i = 0; i < 3; i++) ask(client, 7 + (i % 2), i);
    // a write that is no number is EINVAL here, and io_submit(2) cannot make it
    const refusing = openSync('/proc/self/oom_score_adj', 'r+');
    try {
      assert.equal(native.readRequest(server), inHeader.bytes);
      assert.equal(native.replyThenRead(server, answer()), inHeader.bytes);
      request.setUint32(inHeader.opcode, OPCODE.GETATTR, true);
      const told: (readonly [bytes: number, opcode: number])[] = [];
      const note = (bytes: number) => told.push([bytes, request.getUint32(inHeader.opcode, true)]);
      note(native.replyThenRead(refusing, answer()));
      assert.equal(native.readRequest(server), inHeader.bytes);
      note(native.replyThenRead(server, answer()));
      assert.deepEqual(arrived(), ['answer 0', 'answer 2']);
      note(native.replyThenRead(server, answer()));
      assert.deepEqual(
        told.filter(([bytes]) => bytes === -ERRNO.EINVAL),
        [[-ERRNO.EINVAL, OPCODE.GETATTR]],
      );
    } finally {
      closeSync(refusing);
    }
  });
});
