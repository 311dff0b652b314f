import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TAINT_FWCTL, Taint } from '../../../src/kernel/taint.ts';

test('fwctl taints with bit 19, once', () => {
  const taint = new Taint();
  assert.equal(taint.value, 0);
  assert.equal(taint.add(TAINT_FWCTL), true);
  assert.equal(taint.value, 524288);
  assert.equal(taint.add(TAINT_FWCTL), false);
  assert.equal(taint.value, 524288);
  assert.equal(TAINT_FWCTL.letter, 'J');
});

test('flags are independent of each other', () => {
  const taint = new Taint();
  taint.add({ name: 'TAINT_WARN', bit: 9, letter: 'W' });
  assert.equal(taint.add(TAINT_FWCTL), true);
  assert.equal(taint.value, 512 + 524288);
});
