import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../../src/abi/held.ts';
import { Mutex } from '../../../src/kernel/mutex.ts';

test('who is answered at once keeps nobody waiting', () => {
  const mutex = new Mutex();
  assert.equal(
    mutex.run(() => 1),
    1,
  );
  assert.throws(() =>
    mutex.run(() => {
      throw new Error('no');
    }),
  );
  assert.equal(
    mutex.run(() => 2),
    2,
  );
});

test('one after another, in the order of coming, also behind one that fails', () => {
  const mutex = new Mutex();
  const begun: string[] = [];
  const lates = new Map<string, Held<string>>();
  const late = (name: string) => {
    begun.push(name);
    const held = new Held<string>();
    lates.set(name, held);
    return held;
  };
  const answers = ['a', 'b', 'c', 'd'].map((name) => mutex.run(() => (name === 'c' ? fails(begun) : late(name))));
  assert.deepEqual(begun, ['a']);
  lates.get('a')?.release(() => 'A');
  assert.deepEqual(begun, ['a', 'b']);
  lates.get('b')?.release(() => 'B');
  assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
  lates.get('d')?.release(() => 'D');
  const [a, b, c, d] = answers as Held<string>[];
  assert.deepEqual([a?.get(), b?.get(), d?.get()], ['A', 'B', 'D']);
  assert.throws(() => c?.get(), /no/);
  assert.equal(
    mutex.run(() => 'free'),
    'free',
  );
});

function fails(begun: string[]): never {
  begun.push('c');
  throw new Error('no');
}
