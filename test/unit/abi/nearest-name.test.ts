import assert from 'node:assert/strict';
import { it } from 'node:test';
import { didYouMean, nearestNames } from '../../../src/abi/nearest-name.ts';

const names = ['log_max_qp', 'log_max_qp_sz', 'log_max_cq', 'vhca_id', 'uctx_cap'];

it('finds slips of the pen, the nearest first', () => {
  assert.deepEqual(nearestNames('log_max_qp_s', names).slice(0, 2), ['log_max_qp', 'log_max_qp_sz']);
  assert.equal(nearestNames('vcha_id', names)[0], 'vhca_id');
  assert.equal(nearestNames('UCTX', names)[0], 'uctx_cap');
});

it('says nothing when nothing is near', () => {
  assert.deepEqual(nearestNames('zzzzzz', names), []);
  assert.equal(didYouMean('zzzzzz', names), '');
  assert.equal(didYouMean('vhca_ix', ['vhca_id']), '; did you mean vhca_id?');
  assert.equal(didYouMean('ab', ['aa', 'ac']), '; did you mean aa or ac?');
});
