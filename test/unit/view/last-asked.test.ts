import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { LastAsked } from '../../../src/view/last-asked.ts';

describe('LastAsked', () => {
  it('knows the last of each thread, before that of its process', () => {
    const asked = new LastAsked();
    const other = Number(readdirSync('/proc/self/task').find((tid) => Number(tid) !== process.pid));
    assert.equal(asked.by(process.pid), undefined);
    asked.note(other, '/dev/fwctl/fwctl2');
    assert.equal(asked.by(process.pid), '/dev/fwctl/fwctl2', 'another thread of this process');
    asked.note(process.pid, '/dev/fwctl/fwctl0');
    asked.note(process.pid, '/dev/fwctl/fwctl1');
    asked.note(other, '/dev/fwctl/fwctl2');
    assert.equal(asked.by(process.pid), '/dev/fwctl/fwctl1');
    assert.equal(asked.by(other), '/dev/fwctl/fwctl2');
  });

  it('takes nothing from another process, nor from one that had the id before', () => {
    let time = 1000;
    const asked = new LastAsked(() => time);
    const child = spawn('sleep', ['60']);
    try {
      const pid = child.pid as number;
      asked.note(process.pid, '/dev/fwctl/fwctl0');
      assert.equal(asked.by(pid), undefined);
      asked.note(pid, '/dev/fwctl/fwctl1');
      assert.equal(asked.by(pid), '/dev/fwctl/fwctl1');
      time += 60_000;
      assert.equal(asked.by(pid), undefined, 'it was noted a minute ago, and the thread is younger');
      time -= 60_000;
      assert.equal(asked.by(pid), undefined, 'and is forgotten');
    } finally {
      child.kill();
    }
  });

  it('forgets the oldest of too many', () => {
    const asked = new LastAsked();
    asked.note(process.pid, '/dev/fwctl/fwctl0');
    for (let tid = 1_000_000; tid < 1_000_000 + 4096; tid++) asked.note(tid, '/dev/fwctl/fwctl1');
    assert.equal(asked.by(process.pid), undefined);
  });
});
