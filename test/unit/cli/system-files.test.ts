/**
 * The manual pages and systemd units as those see them who use them:
 * roff formatters, systemd's own checks and socket activation.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeExtras } from '../../extras.ts';
import { serveRefusal } from '../../refusals.ts';
import { SLOWNESS } from '../../slowness.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const extras = makeExtras();
const PAGES = ['fwctl-emu.1', 'fwctl-emu.yaml.5'].map((name) => join(extras, 'man', name));

const lacks = (program: string) =>
  spawnSync(program, ['--version']).error === undefined ? false : `${program} is not installed`;

describe('manual pages', () => {
  const checks = [
    ['groff', '-man', '-ww', '-z', '-Tutf8'],
    ['mandoc', '-T', 'lint', '-W', 'warning'],
  ] as const;
  for (const [program, ...args] of checks) {
    it(`have nothing that ${program} warns of`, { skip: lacks(program) }, () => {
      for (const page of PAGES) {
        const { stdout, stderr } = spawnSync(program, [...args, page], { encoding: 'utf8' });
        assert.equal(stdout + stderr, '');
      }
    });
  }
});

it('systemd finds nothing wrong with the units', { skip: lacks('systemd-analyze') }, () => {
  const units = ['service', 'socket'].map((kind) => join(extras, `systemd/fwctl-emu.${kind}`));
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8' });
  assert.equal(stdout + stderr, '');
});

describe('socket activation', { skip: lacks('systemd-socket-activate') || serveRefusal() }, () => {
  let scratch = '';
  let started: ChildProcess | undefined;
  // not where it is skipped: nobody would take the directory away
  before(() => {
    scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-test-')));
  });
  after(() => {
    started?.kill('SIGKILL');
    spawnSync('umount', ['-l', join(scratch, 'dev')]);
    rmSync(scratch, { recursive: true, force: true });
  });

  it('begins with the first verb, which is answered', { timeout: 60_000 * SLOWNESS }, async () => {
    const socket = join(scratch, 'control.sock');
    const serve = [process.execPath, MAIN, 'serve', '--dev-dir', join(scratch, 'dev'), '--log-level', 'error'];
    const child = spawn('systemd-socket-activate', [`--listen=${socket}`, '--setenv=PATH', ...serve], {
      stdio: 'ignore',
    });
    started = child;
    while (!existsSync(socket)) await pause(20);
    assert.equal(existsSync(join(scratch, 'dev')), false, 'nothing is served before');
    const listed = spawnSync(process.execPath, [MAIN, 'list', '--socket', socket], { encoding: 'utf8' });
    assert.match(listed.stdout, /^fwctl0 /m, listed.stderr);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    assert.equal(existsSync(join(scratch, 'dev')), false);
  });
});
