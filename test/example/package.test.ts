/**
 * The npm package, installed into an empty project without its install script: command, test kit and C header work from
 * there without a compiler, and nothing else is installed. No registry is asked. For the others: scripts/try-packages.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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

const command = join(modules, '.bin/fwctl-emu');
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
const [deb, tar, npm] = [
  `fwctl-emu_${version}_${process.arch === 'x64' ? 'amd64' : process.arch}.deb`,
  `fwctl-emu-${version}-linux-${process.arch}.tar.gz`,
  `fwctl-emu-${version}.tgz`,
].map((name) => join(repository, 'dist/packages', name)) as [string, string, string];

const noDebian = spawnSync('dpkg-deb', ['--version']).status === 0 ? false : 'there is no dpkg-deb';

/** All but the image, for this processor. */
const makePackages = () =>
  ok(
    join(repository, 'scripts/packages'),
    ['--arch', process.arch, ...(noDebian ? [] : ['deb']), 'tar', 'npm'],
    repository,
  );
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

before(() => {
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  makePackages();
  ok('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', npm]);
});

describe('packages', { skip: noDebian }, () => {
  it('are the same bytes when they are built again', () => {
    const first = [deb, tar, npm].map(digest);
    makePackages();
    assert.deepEqual([deb, tar, npm].map(digest), first);
  });

  it('of Debian and of any Linux have the same program, below 1.5 MB', () => {
    for (const path of [deb, tar]) assert.ok(statSync(path).size < 1.5e6, path);
    const [fromDeb, fromTar] = [join(project, 'deb'), join(project, 'tar')];
    mkdirSync(fromTar);
    ok('dpkg-deb', ['--extract', deb, fromDeb]);
    ok('tar', ['-xzf', tar, '--strip-components=1', '-C', fromTar]);
    for (const place of [`${fromDeb}/usr`, fromTar]) {
      assert.equal(ok(`${place}/bin/fwctl-emu`, ['--version']), `${version}\n`);
      assert.match(ok('gzip', ['-dc', `${place}/share/man/man1/fwctl-emu.1.gz`]), /^\.TH FWCTL-EMU 1 /m);
      assert.equal(ok('find', [place, '-name', 'node_modules', '-o', '-name', '*.map', '-o', '-name', '*.cache']), '');
    }
    assert.match(ok('dpkg-deb', ['--field', deb, 'Depends']), /nodejs \(>= 18\)/);
  });
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
    for (const path of ['src', 'test', 'dist/src', 'dist/test', 'node_modules'])
      assert.equal(existsSync(join(installed, path)), false, path);
    assert.deepEqual(
      readdirSync(modules).filter((name) => !name.startsWith('.')),
      ['fwctl-emu'],
    );
  });

  it('has the command without its install script, which compiles nothing either, and makes V8’s code', () => {
    const code = () => readdirSync(join(installed, 'dist/bundle/cli')).filter((name) => name.includes('.cache'));
    assert.deepEqual(code(), [], 'of the Node that packed it');
    assert.ok(readFileSync(command, 'latin1').startsWith('#!'));
    assert.equal(ok(command, ['--version']), `${version}\n`);
    if (runRefusal() === false) ok(command, ['run', '--', 'true']);
    ok('npm', ['run', '--silent', 'install'], installed);
    assert.ok(readFileSync(command, 'latin1').startsWith('\x7fELF'), 'the launcher itself');
    assert.equal(ok('npx', ['--no-install', 'fwctl-emu', '--version']), `${version}\n`);
    assert.equal(code().length, runRefusal() === false ? 1 : 0);
    assert.equal(existsSync(join(installed, 'native/build')), false);
  });

  it('has the types of what it exports', () => {
    const script = `
      import { type CallFilter, startEmulator } from 'fwctl-emu/testkit';
      import type { FirmwareModule } from 'fwctl-emu/firmware';
      export const filter: CallFilter = { opcode: 'QUERY_HCA_CAP' };
      export const emulator = startEmulator({ devices: [{ profile: 'connectx6dx' }] });
      export const make = (device: FirmwareModule) => device;
      // @ts-expect-error: no such option
      startEmulator({ device: 'connectx6dx' });`;
    writeFileSync(join(project, 'types.mts'), script);
    const options = [
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--strict',
      '--noEmit',
      '--allowImportingTsExtensions',
    ];
    const types = ['--typeRoots', join(repository, 'node_modules/@types'), '--types', 'node'];
    ok(join(repository, 'node_modules/.bin/tsc'), [...options, ...types, 'types.mts']);
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
