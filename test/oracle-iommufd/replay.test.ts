/**
 * A part of the oracle that is quick enough for every run: iox against what Linux 6.12 answered, over a FUSE mount, in
 * the view of `run --device iommufd`, and in user-mode Linux over CUSE by thread id and by ioctl retry. And a small C
 * client that nobody recorded.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveRefusal } from '../refusals.ts';
import { repository } from '../repository.ts';
import { uml } from '../uml/uml.ts';
import { DIFFERENCES, tableLine } from './vfs-differences.ts';

const REPLAY = fileURLToPath(new URL('replay.js', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const CLIENT = join(repository, 'build/c/iommu-map');

const skip = serveRefusal();

/** What iommu-map prints. */
const STEPS = [
  'IOAS_ALLOC: OK',
  'ioas 1',
  'IOAS_MAP: OK',
  'aligned 1',
  'IOAS_UNMAP of half: No such file or directory',
  'IOAS_UNMAP: OK',
  'unmapped 2 pages',
  'DESTROY: OK',
  'DESTROY again: No such file or directory',
  '',
];

function node(...args: string[]) {
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 240_000 });
}

/**
 * The suites pause for 50 to 400 ms where they wait for threads and for
 * closes: a busy machine gets a second try at a fifth of the speed.
 */
function unhurried(run: () => ReturnType<typeof node>): ReturnType<typeof node> {
  const first = run();
  if (first.status === 0) return first;
  process.env.IOX_PACE = '5';
  try {
    return run();
  } finally {
    delete process.env.IOX_PACE;
  }
}

/** Of each suite: its line says how many records differ. */
function noDifference(output: string, suites: readonly string[]): void {
  for (const suite of suites)
    assert.match(output, new RegExp(`^\\S+ \\S+ ${suite}: \\d+ records, 0 differ$`, 'm'), output);
  assert.doesNotMatch(output, /^bug:/m);
}

// iox is built by the first that wants it, which a guest, whose files are read-only, cannot be; without /dev/fuse this
// ends after that.
before(() => {
  node(REPLAY, 'fuse', 'mainline', '--only', 'none');
});

describe('iommufd over FUSE', { skip }, () => {
  for (const [kernel, suites] of [
    ['mainline', ['ids', 'ioas', 'hw', 'vfio', 'vfs', 'ioctlnr']],
    ['v3', ['mock', 'mockbad', 'vfs']],
  ] as const) {
    for (const suite of suites) {
      it(`${kernel} ${suite}`, () => {
        const { status, stdout, stderr } = unhurried(() => node(REPLAY, 'fuse', kernel, '--only', suite));
        noDifference(stdout, [suite]);
        assert.equal(status, 0, stderr);
      });
    }
  }

  for (const suite of ['ids', 'vfio', 'vfs']) {
    it(`mainline ${suite} in the view of run`, () => {
      const command = [process.execPath, REPLAY, 'there', 'mainline', '--only', suite];
      const { status, stdout, stderr } = node(MAIN, 'run', '--device', 'iommufd', '--', ...command);
      noDifference(stdout, [suite]);
      assert.equal(status, 0, stderr);
    });
  }

  it('serves a C client in the view of run, and sysfs tells of it', { skip: needsClient() }, () => {
    const script = `"$0" && "$0" /dev/vfio/vfio >/dev/null; stat -c '%a %U' /dev/iommu /dev/vfio/vfio; cat /sys/class/misc/iommu/uevent
      test "$(cat /sys/class/misc/iommu/dev)" = "10:$(awk '$2 == "iommu" { print $1 }' /proc/misc)" && echo numbered
      test "$(realpath /sys/dev/char/$(cat /sys/class/misc/iommu/dev))" = /sys/devices/virtual/misc/iommu && echo linked
      exec 5</dev/vfio/vfio; realpath /sys/dev/char/0:0; ls /dev/fwctl`;
    const devices = ['--device', 'iommufd', '--device', 'connectx6dx'];
    const { status, stdout, stderr } = node(MAIN, 'run', ...devices, '--', 'sh', '-c', script, CLIENT);
    assert.equal(stderr, '');
    const lines = stdout.split('\n');
    assert.deepEqual(lines.slice(0, 9), STEPS.slice(0, 9));
    assert.deepEqual(lines.slice(9, 12), ['660 root', '666 root', 'MAJOR=10']);
    assert.match(lines[12] ?? '', /^MINOR=\d+$/);
    assert.deepEqual(lines.slice(13), [
      'DEVNAME=iommu',
      'DEVMODE=0660',
      'numbered',
      'linked',
      '/sys/devices/virtual/misc/vfio',
      'fwctl0',
      '',
    ]);
    assert.equal(status, 0);
  });
});

function needsClient(): string | false {
  return existsSync(CLIENT) ? false : 'build/c/iommu-map is not built: make build';
}

it('docs/iommufd.md has every difference, and no other', () => {
  const page = readFileSync(join(repository, 'docs/iommufd.md'), 'utf8');
  const table = page.split('\n').filter((line) => line.split('|').length === 8 && !/^\| (call|---) |^\|---/.test(line));
  assert.deepEqual(table, DIFFERENCES.map(tableLine));
});

describe('iommufd over CUSE, in user-mode Linux', () => {
  const replay = async (t: TestContext, args: readonly string[], suites: readonly string[]) => {
    const run = await uml(t, [process.execPath, ...args], { timeout: 280 });
    if (run === undefined) return;
    noDifference(run.stdout, suites);
    assert.equal(run.status, 0, run.stderr);
  };

  it('by thread id', (t) => replay(t, [REPLAY, 'cuse', 'mainline', '--only', 'vfio'], ['vfio']));
  it('by ioctl retry', (t) => replay(t, [REPLAY, 'cuse-retry', 'mainline', '--only', 'vfio'], ['vfio']));
  it('as a file', (t) => replay(t, [REPLAY, 'cuse', 'mainline', '--only', 'vfs'], ['vfs']));
  it('in the view of run, which has true nodes', { skip: needsClient() }, async (t) => {
    const device = ['run', '--transport', 'cuse', '--device', 'iommufd'];
    const script = `"$0" && stat -c '%F %a' /dev/iommu /dev/vfio/vfio; ls /dev/fwctl`;
    const run = await uml(t, [process.execPath, MAIN, ...device, '--', 'sh', '-c', script, CLIENT], { timeout: 120 });
    if (run === undefined) return;
    const nodes = ['character special file 660', 'character special file 666', ''];
    assert.deepEqual(run.stdout.split('\n'), [...STEPS.slice(0, 9), ...nodes], run.stderr);
  });
  it('for the whole machine', { skip: needsClient() }, async (t) => {
    const script = `"$0" "$1" serve --device iommufd >/tmp/line & serve=$!
      until grep -q serving /tmp/line; do sleep 0.1; done; "$2" | tail -n 1; stat -c '%F %a' /dev/iommu /dev/vfio/vfio
      kill $serve; wait $serve; ls -d /dev/iommu /dev/vfio 2>&1 | grep -c 'No such'`;
    const run = await uml(t, ['sh', '-c', script, process.execPath, MAIN, CLIENT], { timeout: 120 });
    if (run === undefined) return;
    assert.deepEqual(
      run.stdout.split('\n'),
      [STEPS[8], 'character special file 660', 'character special file 666', '2', ''],
      run.stderr,
    );
  });
});
