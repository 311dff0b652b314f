/** The benchmark: its statistics, and one quick run of the C reference against itself (which leaves nothing behind). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { repository } from '../repository.ts';
import { CASES } from './cases.ts';
import { type Row, row, toJson, toTable } from './report.ts';
import { median, pairedRatio, percentile, shuffled } from './stats.ts';
import { svg } from './svg.ts';

test('median, percentile, paired ratio', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
  assert.equal(percentile([5, 1, 4, 2, 3], 0.99), 5);
  assert.equal(percentile([5, 1, 4, 2, 3], 0.2), 1);
  // One round was disturbed on both sides: the ratio does not move.
  assert.equal(pairedRatio([10, 1000, 10], [10, 1000, 10]), 1);
  assert.equal(pairedRatio([5, 10, 20], [10, 10, 10]), 1);
});

test('shuffling keeps the list', () => {
  const list = [1, 2, 3, 4, 5, 6, 7, 8];
  assert.deepEqual(
    shuffled(list, () => 0),
    [2, 3, 4, 5, 6, 7, 8, 1],
  );
  assert.deepEqual([...shuffled(list)].sort(), list);
});

test('rows: the JSON has the agreed members only', () => {
  const numbers = { p50: 12.3456, p99: 20, ratio_p50: 0.98765, ratio_p99: 1 };
  const rows = [row({ name: 'a', title: 'A', unit: 'us', ...numbers, reference: 12, note: 'n' })];
  assert.deepEqual(JSON.parse(toJson(rows)), [
    { name: 'a', unit: 'us', p50: 12.35, p99: 20, ratio_p50: 0.988, ratio_p99: 1 },
  ]);
  assert.match(toTable('ours', 'C', rows), /^A +us +12\.35 +20\.00 +12\.00 +0\.99 +1\.00 +n$/m);
});

const lacks = () => {
  if (!existsSync(join(repository, 'build/c/ref-libfuse'))) return 'build/c/ref-libfuse is not built (libfuse3-dev)';
  if (!existsSync('/dev/fuse')) return 'this machine has no /dev/fuse';
  const user = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const namespaces = spawnSync('unshare', [...user, 'true'], { encoding: 'utf8' });
  return namespaces.status === 0 ? false : `unshare ${user.join(' ')}: ${namespaces.stderr.trim()}`;
};

test('a quick run, C against C', { skip: lacks() }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'fwctl-emu-bench-test-'));
  const quickRun = () => {
    const out = join(directory, 'bench.json');
    const program = fileURLToPath(new URL('./bench.js', import.meta.url));
    const run = spawnSync(process.execPath, [program, '--quick', '--subject', 'reference', '--out', out], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: directory },
      timeout: 120_000,
    });
    assert.equal(run.status, 0, run.stderr);
    return JSON.parse(readFileSync(out, 'utf8')) as Row[];
  };
  try {
    // The same program on both sides: the harness itself must not favour one. It would in every run; other load on the
    // machine, which a run of a second does not average out, does not.
    const even = new Set<string>();
    const uneven: string[] = [];
    for (let runs = 0; runs < 6 && even.size < CASES.length; runs++) {
      const rows = quickRun();
      for (const { name } of CASES) {
        const same = rows.find((line) => line.name === `${name}/same`);
        assert.ok(same, name);
        assert.ok(same.p50 > 0 && same.p99 >= same.p50, JSON.stringify(same));
        if (same.ratio_p50 > 0.4 && same.ratio_p50 < 2.5) even.add(name);
        else uneven.push(JSON.stringify(same));
      }
      for (const name of ['startup', 'resident-memory'])
        assert.ok(
          rows.some((line) => line.name === name),
          name,
        );
    }
    assert.equal(even.size, CASES.length, uneven.join('\n'));
    assert.deepEqual(
      readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(directory)),
      [],
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('growth curves: well-formed, every point within its chart', () => {
  const points = [1, 10, 4096].map((x) => [x, x * 3] as const);
  const chart = {
    title: 'a < b',
    x: 'x',
    y: 'y',
    curves: [
      { name: 'one', points },
      { name: 'two', points },
    ],
  };
  const drawn = svg([chart, chart, chart]);
  assert.match(drawn, /^<svg [^>]*viewBox="0 0 880 600"/);
  assert.doesNotMatch(drawn, /NaN|undefined|a < b/);
  const dots = [...drawn.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
  assert.equal(dots.length, 3 * 2 * points.length);
  for (const [, cx, cy] of dots)
    assert.ok(Number(cx) >= 58 && Number(cx) <= 426 && Number(cy) >= 34 && Number(cy) <= 238);
});
