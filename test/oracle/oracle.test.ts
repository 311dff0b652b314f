/**
 * A part of `make oracle` that is quick enough for every run: fwx over a FUSE mount here, and over CUSE in user-mode
 * Linux by thread id and by ioctl retry, against what the real kernels answered. No difference that is not listed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { KernelName } from '../conformance/golden.ts';
import { repository } from '../repository.ts';
import { uml } from '../uml/uml.ts';
import { CALLS_SUITE } from './calls-suite.ts';
import { DIFFERENCES } from './differences.ts';
import { differencesPage } from './differences-page.ts';
import { judge } from './judge.ts';
import { buildPrograms } from './programs.ts';
import { SECTIONS } from './sections.ts';
import { suiteOf } from './suites.ts';
import type { OracleTransport } from './transport.ts';

const RUN_ALL = fileURLToPath(new URL('run-all.js', import.meta.url));

/** Sections over FUSE, which take a second or two each. */
const ON_FUSE: Readonly<Record<KernelName, readonly string[]>> = {
  mainline: ['size', 'info', 'order', 'gone', 'vfs', 'ioctlnr', 'share', 'plug', 'creds', 'faults', 'sysfs', 'taint'],
  v2: ['order', 'plug', 'faults', 'taint'],
  'v6.15': ['creds', 'taint/s3_s2_r2'],
};
/** Those of SECTIONS in which fwx makes a user namespace. */
const needsUserNamespace = (section: string) => section === 'creds' || /^taint\/(.*_)?U/.test(section);
/** ON_FUSE's names as those of SECTIONS. */
const sectionsOf = (names: readonly string[]) =>
  SECTIONS.map(({ name }) => name).filter((name) => names.some((n) => name === n || name.startsWith(`${n}/`)));
/** In user-mode Linux a call takes ten times as long. Both ways of reaching a caller's memory are asked the same. */
const ON_CUSE = ['info', 'gone', 'vfs', 'share', 'plug', 'creds', 'sysfs', 'taint/b3_s3', 'taint/c2', 'taint/g2_s2'];
/** What depends on how memory is read and written, again without the shortcuts. */
const WITHOUT_SHORTCUTS = ['info', 'rpc', 'order'];

function noDifference(
  transport: OracleTransport,
  kernel: KernelName | 'calls',
  sections: readonly string[],
  folder: string,
  least = 50,
): void {
  const verdict = judge(transport, suiteOf(kernel), sections, join(folder, kernel));
  const { differences, problems, records, skipped } = verdict;
  assert.deepEqual({ problems, skipped }, { problems: [], skipped: [] });
  assert.deepEqual(differences, []);
  assert.ok(records > least, `${records} records`);
}

function refusal(): string | false {
  if (process.geteuid?.() !== 0) return 'fwx needs root: it gives up capabilities and makes user namespaces';
  if (!existsSync('/dev/fuse')) return 'there is no /dev/fuse here';
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0)
    return 'root may not make mount namespaces here (a container)';
  return false;
}

function noSuchDevice(): string | false {
  if (!/ autofs$/m.test(readFileSync('/proc/misc', 'utf8')))
    return 'this kernel has no autofs, whose device is compared';
  return refusal();
}

function noUserNamespaces(): string | false {
  return spawnSync('unshare', ['--user', 'true']).status !== 0 && 'user namespaces are not allowed here';
}

describe('the real kernels, by fwx', () => {
  let folder = '';
  before(() => {
    buildPrograms();
    mkdirSync(join(repository, 'build/oracle'), { recursive: true });
    folder = mkdtempSync(join(repository, 'build/oracle/test-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const onFuse = (kernel: KernelName, sections: readonly string[], least?: number) => {
    const place = join(folder, 'fuse');
    const run = spawnSync(process.execPath, [RUN_ALL, 'fuse', kernel, place, ...sections], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    noDifference('fuse', kernel, sections, place, least);
  };
  for (const [kernel, names] of Object.entries(ON_FUSE) as [KernelName, readonly string[]][]) {
    const sections = sectionsOf(names);
    it(`FUSE, kernel ${kernel}: no difference that is not listed`, { skip: refusal() }, () =>
      onFuse(
        kernel,
        sections.filter((name) => !needsUserNamespace(name)),
        kernel === 'v6.15' ? 5 : 50,
      ),
    );
    it(`FUSE, kernel ${kernel}, user namespaces: the same`, { skip: refusal() || noUserNamespaces() }, () =>
      onFuse(kernel, sections.filter(needsUserNamespace), 2),
    );
  }

  it('FUSE, beside a device of this kernel: no difference that is not listed', { skip: noSuchDevice() }, () => {
    const place = join(folder, 'calls');
    const names = CALLS_SUITE.sections.map(({ name }) => name);
    const run = spawnSync(process.execPath, [RUN_ALL, 'fuse', 'calls', place, ...names], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    noDifference('fuse', 'calls', names, place, 1000);
  });

  it('FUSE, kernel mainline, FWCTL_EMU_SLOW=1: no difference that is not listed', { skip: refusal() }, () => {
    const place = join(folder, 'slow');
    const run = spawnSync(process.execPath, [RUN_ALL, 'fuse', 'mainline', place, ...WITHOUT_SHORTCUTS], {
      encoding: 'utf8',
      env: { ...process.env, FWCTL_EMU_SLOW: '1' },
    });
    assert.equal(run.status, 0, run.stderr);
    noDifference('fuse', 'mainline', WITHOUT_SHORTCUTS, place);
  });

  const inGuest = async (t: TestContext, transport: OracleTransport) => {
    const place = join(folder, transport);
    mkdirSync(place);
    const calls = CALLS_SUITE.sections.map(({ name }) => name);
    const names = [...ON_CUSE, ...calls];
    const command = [process.execPath, RUN_ALL, transport, 'mainline,calls', '/run/fwctl-uml-results', ...names];
    const run = await uml(t, command, { timeout: 280, results: place });
    if (run === undefined) return;
    assert.equal(run.status, 0, run.stderr);
    noDifference(transport, 'mainline', ON_CUSE, place);
    noDifference(transport, 'calls', calls, place, 1000);
  };
  it('CUSE by thread id, kernel mainline: no difference that is not listed', (t) => inGuest(t, 'cuse'));
  it('CUSE by ioctl retry, kernel mainline: no difference that is not listed', (t) => inGuest(t, 'retry'));

  it('the page of listed differences is that of the rows', () => {
    const page = readFileSync(join(repository, 'docs/vfs-differences.md'), 'utf8');
    assert.equal(
      page,
      differencesPage(DIFFERENCES),
      'run: node dist/test/oracle/differences-page.js >docs/vfs-differences.md',
    );
  });
});
