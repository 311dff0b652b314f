/** The list of differences is held both ways: what it says must differ, on the kernels that it says it of. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type GoldenRecord, goldenRecords } from '../conformance/golden.ts';
import { repository } from '../repository.ts';
import { DIFFERENCES } from './differences.ts';
import { judge, type Verdict } from './judge.ts';
import { holdsOn, rangeText } from './linux-range.ts';
import type { SectionRun } from './suite.ts';
import { suiteOf } from './suites.ts';
import type { OracleTransport } from './transport.ts';

/** Of a run over `transport` on `linux` whose section vfs is the kernel's own, but for `change`. */
function verdictOf(
  transport: OracleTransport,
  linux: string,
  change = (record: GoldenRecord): GoldenRecord | undefined => record,
  code = 0,
): Verdict {
  const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-judge-'));
  try {
    const records = goldenRecords('mainline', 'vfs').flatMap((record) => change(record) ?? []);
    const end: SectionRun = {
      code,
      stderr: code === 0 ? '' : 'no such device\n',
      complaints: [],
      major: 252,
      seconds: 1,
      linux,
      auxiliaryDrivers: [],
    };
    mkdirSync(join(folder, 'mainline'));
    writeFileSync(join(folder, 'mainline/vfs.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    writeFileSync(join(folder, 'mainline/vfs.run.json'), JSON.stringify(end));
    return judge(transport, suiteOf('mainline'), ['vfs'], join(folder, 'mainline'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const problem = (key: string, { problems }: Verdict) => problems.filter((line) => line.startsWith(`vfs/${key} `));

test('a record that is as the kernel’s is a fault where a row says that it differs, on the row’s kernels alone', () => {
  const old = verdictOf('fuse', '6.1.176');
  assert.deepEqual([old.linux, old.differences, old.listed], ['6.1.176', [], 0]);
  assert.match(problem('read(0)', old).join(), /^vfs\/read\(0\) on Linux 6\.1\.176: no difference, but the row "read,/);
  assert.deepEqual(problem('splice from', old), []);
  assert.equal(problem('splice from', verdictOf('fuse', '6.12.113')).length, 1);
  assert.deepEqual(problem('splice from', verdictOf('cuse', '6.12.113')), []);
});

test('a difference is allowed on the row’s kernels alone', () => {
  const splice = (record: GoldenRecord) => (record.op === 'splice from' ? { ...record, ret: 0, err: 'OK' } : record);
  const ofSplice = (verdict: Verdict) => verdict.differences.map(({ key }) => key);
  assert.deepEqual(ofSplice(verdictOf('fuse', '6.5.0-rc1', splice)), []);
  assert.deepEqual(ofSplice(verdictOf('fuse', '6.4.16', splice)), ['vfs/splice from']);
  const fdinfo = (record: GoldenRecord) =>
    record.op === 'fdinfo' ? { ...record, v: String(record.v).replace(/ino:\t\d+\n/, '') } : record;
  assert.deepEqual(ofSplice(verdictOf('retry', '5.10.46', fdinfo)), []);
  assert.deepEqual(ofSplice(verdictOf('retry', '5.14.0', fdinfo)), ['vfs/fdinfo']);
});

test('a section that the machine cannot be asked is told apart from one that failed', () => {
  const none = (): undefined => undefined;
  const { records, differences, problems, skipped, linux } = verdictOf('fuse', '7.2.7', none, 77);
  assert.deepEqual(
    { records, differences, problems, linux },
    { records: 0, differences: [], problems: [], linux: '7.2.7' },
  );
  assert.deepEqual(skipped, ['vfs: no such device']);
  const failed = verdictOf('fuse', '7.2.7', none, 2);
  assert.deepEqual([failed.problems[0], failed.skipped], ['vfs: the program ended with status 2: no such device', []]);
});

test('a row that speaks of no record names the test that shows it', () => {
  for (const { call, shownBy } of DIFFERENCES)
    if (shownBy !== undefined) assert.ok(existsSync(join(repository, shownBy)), `${call}: ${shownBy}`);
});

test('ranges of releases', () => {
  assert.deepEqual(
    ['5.9', '5.10.46', '6.1-rc2', '7.0.0-foo'].map((release) => holdsOn({ from: '5.10', before: '7.0' }, release)),
    [false, true, true, false],
  );
  assert.deepEqual([{}, { from: '6.5' }, { before: '5.14' }, { from: '6.1', before: '7.0' }].map(rangeText), [
    'all',
    '6.5 and later',
    'before 5.14',
    '6.1 and later, before 7.0',
  ]);
  assert.throws(() => holdsOn({ from: '6.5' }, 'twelve'), /no release of Linux: twelve/);
});
