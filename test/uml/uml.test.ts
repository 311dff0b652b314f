/** scripts/uml itself: the guest has a working CUSE, gives back output and status, and writes nowhere on the host. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from '../repository.ts';
import { uml } from './uml.ts';

/** Process ids whose command line has `text`. */
function processesNaming(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
    } catch {
      return false; // it has just ended
    }
  });
}

test('a character device by CUSE works in user-mode Linux', async (t) => {
  const run = await uml(t, ['build/c/cuse-probe'], { timeout: 60 });
  if (run === undefined) return;
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /^ioctl on \/dev\/fwctl\/probe0: 42$/m);
});

test('output, exit status and results come back, the host is read-only', async (t) => {
  const results = mkdtempSync(join(tmpdir(), 'fwctl-emu-uml-'));
  try {
    const script = [
      'echo out; echo err >&2',
      'node -p "process.version + process.env.FWCTL_WORD"',
      'seq 1 20000',
      'touch scripts/written && echo BAD',
      'touch /tmp/fwctl-emu-in-guest && echo tmp',
      'echo kept >"$FWCTL_UML_RESULTS/file"',
      'exit 42',
    ].join('\n');
    const run = await uml(t, ['sh', '-c', script], { timeout: 60, results, env: { FWCTL_WORD: "it's 1" } });
    if (run === undefined) return;
    assert.equal(run.status, 42, run.stderr);
    const lines = run.stdout.split('\n');
    assert.deepEqual(lines.slice(0, 3), ['out', `${process.version}it's 1`, '1']);
    assert.deepEqual(lines.slice(-3), ['20000', 'tmp', '']);
    assert.match(run.stderr, /^err$/m);
    assert.match(run.stderr, /Read-only file system/);
    assert.equal(existsSync(join(repository, 'scripts/written')), false);
    assert.equal(existsSync('/tmp/fwctl-emu-in-guest'), false);
    assert.equal(readFileSync(join(results, 'file'), 'utf8'), 'kept\n');
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
});

test('a command that hangs is ended in time, with its whole guest', async (t) => {
  // A slow machine has not booted the guest within the first limit.
  for (const timeout of [8, 60]) {
    const run = await uml(t, ['sleep', '1000'], { timeout });
    if (run === undefined) return;
    assert.equal(run.status, 124, run.stderr);
    const left = /left for inspection: (\S+)/.exec(run.stderr)?.[1];
    assert.ok(left);
    const booted = readdirSync(left).includes('status');
    assert.deepEqual(processesNaming(`FWCTL_UML_RUN=${left}`), [], 'the guest still runs');
    rmSync(left, { recursive: true, force: true });
    if (booted) return;
  }
  assert.fail('the guest never booted');
});

test('where user-mode Linux is not installed, that is said by exit status 77 and a reason', () => {
  // A PATH with the tools of the script but without linux.uml.
  const script = `unset FWCTL_UML_SUITE; command() { [ "$2" != linux.uml ] && builtin command "$@"; }; set -- --check; . ${repository}/scripts/uml`;
  const run = spawnSync('bash', ['-c', script, join(repository, 'scripts/uml')], { encoding: 'utf8' });
  assert.equal(run.status, 77, run.stderr);
  assert.match(
    run.stderr,
    /^uml: linux\.uml is not installed \(Debian and Ubuntu: apt-get install user-mode-linux\)$/m,
  );
});

test('the kernel of another Debian suite is fetched once and has a working CUSE', async (t) => {
  const run = await uml(t, ['sh', '-c', 'uname -r; exec build/c/cuse-probe'], { suite: 'sid', timeout: 60 });
  if (run === undefined) return;
  assert.equal(run.status, 0, run.stderr);
  const [release = '', answer] = run.stdout.split('\n');
  assert.ok(Number.parseInt(release, 10) >= 7, `Linux ${release}`);
  assert.equal(answer, 'ioctl on /dev/fwctl/probe0: 42');
  const again = await uml(t, ['true'], { suite: 'sid', timeout: 60 });
  assert.deepEqual([again?.status, again?.stderr], [0, '']);
});

test('a suite that cannot be fetched is said with the reason, and leaves nothing', (t) => {
  const suites = join(repository, 'build/uml/suites');
  const run = spawnSync(join(repository, 'scripts/uml'), ['--suite', 'nosuchsuite', 'true'], {
    encoding: 'utf8',
    env: { ...process.env, FWCTL_DEBIAN_MIRROR: 'http://127.0.0.1:9/debian' },
  });
  assert.equal(run.status, 77, run.stderr);
  const [reason = ''] = run.stderr.split('\n').filter((line) => line.includes('Debian nosuchsuite: '));
  if (/there is no|keys of Debian|it is for x86-64/.test(reason)) return t.skip(reason);
  assert.match(
    reason,
    /^uml: .*: user-mode-linux cannot be fetched from http:\/\/127\.0\.0\.1:9\/debian: W: Failed to /,
  );
  assert.deepEqual(
    readdirSync(suites).filter((name) => name.includes('nosuchsuite')),
    [],
  );
});

test('on another processor than x86-64 there is none, with or without a suite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-uname-'));
  try {
    writeFileSync(join(folder, 'uname'), '#!/bin/sh\necho aarch64\n', { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, FWCTL_UML_SUITE: '' };
    for (const args of [['--check'], ['--suite', 'nosuchsuite', 'true']]) {
      const run = spawnSync(join(repository, 'scripts/uml'), args, { encoding: 'utf8', env });
      assert.equal(run.status, 77, run.stderr);
      assert.match(run.stderr, /^uml: user-mode Linux.*: it is for x86-64, this machine is aarch64$/m);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a suite by a wrong name is refused', () => {
  for (const args of [['sid/../sid'], [''], ['sid', 'sid']]) {
    const run = spawnSync(join(repository, 'scripts/uml-suite'), args, { encoding: 'utf8' });
    assert.deepEqual([run.status, run.stdout], [2, '']);
    assert.match(run.stderr, /^uml: usage: scripts\/uml-suite SUITE/);
  }
});
