/**
 * The package as `npm pack` makes it, in an empty project: command,
 * test kit and C header work from there. No registry is asked.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runRefusal } from '../refusals.ts';
import { repository } from '../repository.ts';

const project = mkdtempSync(join(tmpdir(), 'fwctl-emu-package-'));
const modules = join(project, 'node_modules');
const installed = join(modules, 'fwctl-emu');
after(() => rmSync(project, { recursive: true }));

function ok(program: string, args: readonly string[], cwd = project): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 120_000 });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? ''}${stdout}${stderr}`);
  return stdout;
}

/** What `npm install TARBALL` does, with the dependencies that the clone has. */
before(() => {
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  // what npm's prepare does, without compiling again
  ok(join(repository, 'scripts/generate-extras'), []);
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', project];
  const tarball = ok('npm', args, repository).trim();
  mkdirSync(installed, { recursive: true });
  ok('tar', ['-xzf', join(project, tarball), '--strip-components=1', '-C', installed]);
  for (const name of readdirSync(join(repository, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(repository, 'node_modules', name), join(modules, name));
  }
  mkdirSync(join(modules, '.bin'));
  symlinkSync('../fwctl-emu/scripts/fwctl-emu', join(modules, '.bin/fwctl-emu'));
  ok(join(installed, 'scripts/build-native'), []);
});

describe('the package in an empty project', () => {
  it('brings what its documents name, and no test or source', () => {
    const named = [
      'extras/c/fwctl_emu.h',
      'extras/man/fwctl-emu.1',
      'extras/systemd/fwctl-emu.service',
      'extras/openapi.json',
      'docs/tour.md',
    ];
    for (const path of named) assert.ok(existsSync(join(installed, path)), path);
    for (const path of ['src', 'test', 'dist/test']) assert.equal(existsSync(join(installed, path)), false, path);
  });

  it('brings no code of the Node that packed it, and makes its own when it is installed', () => {
    const code = () => readdirSync(join(installed, 'dist/bundle/cli')).filter((name) => name.includes('.cache'));
    assert.deepEqual(code(), []);
    ok('npm', ['run', '--silent', 'install'], installed);
    assert.equal(code().length, 1);
  });

  it('has the command', () => {
    assert.match(ok('npx', ['--no-install', 'fwctl-emu', '--version']), /^\d+\.\d+\.\d+\n$/);
  });

  it('has the test kit', () => {
    const script = `
      import assert from 'node:assert/strict';
      import { queryHcaCap, startEmulator } from 'fwctl-emu/testkit';
      const emulator = startEmulator({ faults: ['rpc:opcode=QUERY_HCA_CAP:error=EBUSY'] });
      const file = await emulator.open('fwctl0');
      await assert.rejects(file.rpc(0, queryHcaCap('GENERAL'), 4112), { name: 'EBUSY' });
      emulator.calls.expect({ opcode: 'QUERY_HCA_CAP', errno: 'EBUSY' }, 1);
      emulator.stop();`;
    writeFileSync(join(project, 'kit.mjs'), script);
    ok(process.execPath, ['kit.mjs']);
  });

  it('has the C header, for a program under the command', { skip: runRefusal() }, () => {
    const program = `#include "fwctl_emu.h"
      int main(void) { return fwctl_emu_present() && fwctl_emu_fault_add("rpc:error=EIO") > 0 ? 0 : 1; }`;
    writeFileSync(join(project, 'kit.c'), program);
    const include = `-I${join(installed, 'extras/c')}`;
    ok(process.env.CC ?? 'cc', ['-Wall', '-Wextra', '-Werror', include, '-o', 'kit', 'kit.c']);
    ok('npx', ['--no-install', 'fwctl-emu', 'run', '--', './kit']);
  });
});
