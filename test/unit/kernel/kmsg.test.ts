import assert from 'node:assert/strict';
import { test } from 'node:test';
import { devKmsgText, KERN_WARNING, Kmsg, type KmsgRecord } from '../../../src/kernel/kmsg.ts';

function clockAt(ns: number) {
  return { monotonicNs: () => ns, wallMs: () => 0, after: () => () => {} };
}

test('records are numbered for ever and the oldest are dropped', () => {
  const kmsg = new Kmsg(clockAt(5), 2);
  for (const text of ['a', 'b', 'c']) kmsg.print(KERN_WARNING, text);
  assert.deepEqual(
    kmsg.records().map(({ sequence, text }) => [sequence, text]),
    [
      [1, 'b'],
      [2, 'c'],
    ],
  );
});

test('a listener hears each new record until it stops', () => {
  const kmsg = new Kmsg(clockAt(5));
  const heard: KmsgRecord[] = [];
  const stop = kmsg.listen((record) => heard.push(record));
  kmsg.print(6, 'one', { subsystem: 'fwctl', device: 'c252:3' });
  stop();
  kmsg.print(6, 'two');
  const device = { subsystem: 'fwctl', device: 'c252:3' };
  assert.deepEqual(heard, [{ sequence: 0, level: 6, monotonicNs: 5, text: 'one', device }]);
});

test('/dev/kmsg text: prefix, escapes, dictionary', () => {
  const kmsg = new Kmsg(clockAt(1_234_999));
  kmsg.print(4, 'a b%s\n\x01\xff\\ end', { subsystem: 'fwctl', device: 'c252:0' });
  kmsg.print(6, 'plain');
  const [first, second] = kmsg.records().map(devKmsgText);
  assert.equal(first, '4,0,1234,-;a b%s\\x0a\\x01\\xff\\x5c end\n SUBSYSTEM=fwctl\n DEVICE=c252:0\n');
  assert.equal(second, '6,1,1234,-;plain\n');
});
