/**
 * CAP_SYS_RAWIO of the calling thread, at the time of the call, in the view's own initial user namespace: as root and
 * rootless. The program is test/c/credentials.c; capable() is asked by fwctl_cmd_rpc()
 * of drivers/fwctl/main.c (test/golden/fwctl/mainline/creds.jsonl).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { repository } from '../repository.ts';
import { WAYS } from '../unit/view/run-view.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const PROGRAM = join(repository, 'build/c/credentials');

const EXPECTED = [
  'thread without, leader with, scope 3: EPERM',
  'leader with, thread without, scope 3: OK',
  'thread with, leader without, scope 3: OK',
  'leader without, thread with, scope 3: EPERM',
  'passed to a child, scope 2: OK',
  'passed to a child, scope 3: OK',
  'passed to a child without, scope 2: OK',
  'passed to a child without, scope 3: EPERM',
];
const IN_OWN_NAMESPACE = [
  'passed to a child in its own user namespace, scope 2: OK',
  'passed to a child in its own user namespace, scope 3: EPERM',
];

const missing = !existsSync(PROGRAM) && 'build/c/credentials is not built: make c';

for (const { name, prefix, skip } of WAYS) {
  describe(`credentials in a view as ${name}`, { skip: missing || skip }, () => {
    const run = (options: readonly string[]) => {
      const [program = '', ...args] = [...prefix, process.execPath, MAIN, 'run', ...options, '--', PROGRAM];
      const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });
      assert.equal(status, 0, stderr);
      const lines = stdout.trimEnd().split('\n');
      return { lines: lines.slice(0, EXPECTED.length), inOwnNamespace: lines.slice(EXPECTED.length) };
    };

    it('are those of the thread that calls, when it calls', () => {
      assert.deepEqual(run([]).lines, EXPECTED);
    });

    it('are none in a user namespace below', (t) => {
      const { inOwnNamespace } = run([]);
      const refused = /cannot be had \((ENOSPC|EPERM)\)$/.exec(inOwnNamespace[0] ?? '')?.[1];
      if (refused) return t.skip(`user namespaces are not allowed here: ${refused}`);
      assert.deepEqual(inOwnNamespace, IN_OWN_NAMESPACE);
    });

    it('are capped by lockdown', () => {
      assert.deepEqual(
        run(['--lockdown', 'integrity']).lines,
        EXPECTED.map((line) => line.replace(/scope 3: OK/, 'scope 3: EPERM')),
      );
    });
  });
}
