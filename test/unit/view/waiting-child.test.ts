/** What the launcher says of the child that it has left behind, and how a child that Node does not know ended. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { endingOf } from '../../../src/view/view-child.ts';
import { takeWaitingChild } from '../../../src/view/waiting-child.ts';

it('is taken out of the environment, and believed when it was said to this process', () => {
  const env: NodeJS.ProcessEnv = { FWCTL_EMU_LAUNCHED: '10 11 3 4', HOME: '/' };
  assert.deepEqual(takeWaitingChild(env, 10), { pid: 11, control: 3, descriptors: 4 });
  assert.deepEqual(env, { HOME: '/' });
  assert.equal(takeWaitingChild(env, 10), undefined);
  for (const other of ['10 11 3 4', '', '99', '99 1 2', 'x'])
    assert.equal(takeWaitingChild({ FWCTL_EMU_LAUNCHED: other }, 99), undefined, other);
});

it('an exit code, a signal by its name, a realtime one as shells report it: the status of wait(2)', () => {
  assert.deepEqual(endingOf(0), { code: 0, signal: null });
  assert.deepEqual(endingOf(7 << 8), { code: 7, signal: null });
  assert.deepEqual(endingOf(255 << 8), { code: 255, signal: null });
  assert.deepEqual(endingOf(9), { code: null, signal: 'SIGKILL' });
  assert.deepEqual(endingOf(11 | 0x80), { code: null, signal: 'SIGSEGV' }); // with a core
  assert.deepEqual(endingOf(40), { code: 168, signal: null });
});
