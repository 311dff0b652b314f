/** FWCTL_TEST_SLOW: the limits of the programs that tests start are so many times longer. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from '../repository.ts';

const SLOWNESS = new URL('../slowness.js', import.meta.url).href;

/** A limit of 30 ms for what takes 200. */
const SHORT = `
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
test('a program', () => assert.equal(spawnSync('sleep', ['0.2'], { timeout: 30 }).status, 0));
`;

function passed(factor: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-slowness-'));
  try {
    writeFileSync(join(folder, 'short.test.mjs'), SHORT);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ['--import', SLOWNESS, '--test', '--test-reporter=tap', join(folder, 'short.test.mjs')];
    const run = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...env, FWCTL_TEST_SLOW: factor } });
    return /^# pass (\d+)$/m.exec(run.stdout)?.[1] ?? run.stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('limits are longer by the factor, and what they are where there is none', () => {
  assert.deepEqual([passed(''), passed('1'), passed('1000')], ['0', '0', '1']);
});

test('a factor that is none is refused', () => {
  for (const factor of ['fast', '1.5', '0', '-1']) {
    const env = { ...process.env, FWCTL_TEST_SLOW: factor };
    const run = spawnSync(join(repository, 'scripts/test'), ['scripts/slowness'], { encoding: 'utf8', env });
    const message = `test: FWCTL_TEST_SLOW=${factor}: a whole number from 1 on is meant\n`;
    assert.deepEqual([run.status, run.stdout, run.stderr], [2, '', message]);
  }
});
