/** `sweep` against a C client that has one fault at a time (test/c/sweep-client.c). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SweepReport } from '../../../src/cli/sweep/sweep-report.ts';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const CLIENT = join(repository, 'build/c/sweep-client');
const IOMMU = join(repository, 'build/c/iommu-map');
const skip = (!existsSync(CLIENT) && `${CLIENT} is not built (make c)`) || runRefusal();
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
after(() => rmSync(scratch, { recursive: true }));

function sweep(mode: string, ...options: string[]): { status: number | null; report: SweepReport; text: string } {
  const json = join(scratch, `${mode}.json`);
  // Enough for a machine that is busy; the later of two counts.
  const words = [MAIN, 'sweep', '--timeout', '20', '--json', json, ...options, '--', CLIENT, mode];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 120_000 });
  assert.equal(stderr, '');
  return { status, report: JSON.parse(readFileSync(json, 'utf8')) as SweepReport, text: stdout };
}

const only = (...kinds: string[]) => kinds.flatMap((kind) => ['--only', kind]);
const verdicts = ({ runs }: SweepReport) => runs.map(({ verdict, fault }) => `${verdict} ${fault}`);

test('nothing is found in a client that checks everything', { skip }, () => {
  const { status, report, text } = sweep('good', ...only('errno', 'segment-zero', 'size-large'));
  assert.deepEqual(new Set(report.runs.map(({ verdict }) => verdict)), new Set(['ok']));
  assert.deepEqual(report.calls, { opens: 1, infos: 1, rpcs: 2, ioctls: 0 });
  assert.match(text, /1 open, 1 FWCTL_INFO, 2 RPCs; \d+ runs in .*\nfound: 0 crashes, 0 hangs, 0 failures hidden/);
  assert.equal(status, 0);
});

test('a failure that the exit status hides', { skip }, () => {
  const { status, report, text } = sweep('hides', ...only('errno'));
  assert.deepEqual(verdicts(report), [
    'ok open:when=1:error=EIO',
    'ok info:when=1:error=EIO',
    'hidden rpc:when=1:error=EIO',
    'ok rpc:when=2:error=EIO',
  ]);
  assert.match(text, /^HIDDEN {2}ACCESS_REG\(read NODE_DESC\): exit 0, same output as without the fault/);
  assert.match(text, /try one: fwctl-emu run --trace --fault rpc:when=1:error=EIO -- /);
  assert.equal(status, 1);
});

test('a call that is said to be optional may fail without a word, but not crash', { skip }, () => {
  const { status, report, text } = sweep('hides', ...only('errno'), '--optional', 'node_*');
  assert.deepEqual(
    report.runs.map(({ verdict }) => verdict),
    ['ok', 'ok', 'optional', 'ok'],
  );
  assert.deepEqual(report.optional, ['node_*']);
  assert.match(
    text,
    /0 failures hidden by exit status 0\nnot counted: 1 failure of optional calls \(ACCESS_REG\(read NODE_DESC\)\)/,
  );
  assert.equal(status, 0);
  const other = sweep('hides', ...only('errno'), '--optional', 'RESOURCE_DUMP');
  assert.equal(other.status, 1, 'another one is optional');
  const crash = sweep('crashes', ...only('size-large'), '--optional', 'RESOURCE_DUMP');
  assert.equal(crash.status, 1);
  const words = [MAIN, 'sweep', '--optional', 'NODE_DSC', '--', CLIENT, 'hides'];
  const slip = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.match(
    slip.stderr,
    /--optional: the command makes no call "NODE_DSC" \(it makes open, FWCTL_INFO, ACCESS_REG, .*\); did you mean NODE_DESC\?/,
  );
  assert.equal(slip.status, 2);
});

test('a retry is no hidden failure', { skip }, () => {
  const { report } = sweep('retries', ...only('errno'));
  assert.equal(report.runs.find(({ fault }) => fault === 'rpc:when=1:error=EIO')?.detail, 'exit 0 after a retry');
});

test('an oversized reply that crashes', { skip }, () => {
  const { report, text } = sweep('crashes', ...only('size-large'));
  assert.deepEqual(
    report.runs.filter(({ verdict }) => verdict === 'crash').map(({ fault, detail }) => [fault, detail]),
    [['rpc:when=2:ok:set.size=0x100000', 'SIGSEGV']],
  );
  assert.match(text, /found: 1 crash,/);
});

test('a segment of length 0 that loops for ever, in the reports of two shards joined', { skip }, () => {
  const kinds = only('segment-zero', 'errno');
  const parts = ['1/2', '2/2'].map((shard) => {
    sweep('loops', '--timeout', '12', '--shard', shard, ...kinds);
    const file = join(scratch, `loops-${shard[0]}.json`);
    spawnSync('mv', [join(scratch, 'loops.json'), file]);
    return file;
  });
  const junit = join(scratch, 'all.xml');
  const merged = join(scratch, 'all.json');
  const words = [MAIN, 'sweep', 'merge', '--junit', junit, '--json', merged, ...parts];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stdout, /^HANG {4}ACCESS_REG\(read RESOURCE_DUMP\): no end within \d+ s/);
  const report = JSON.parse(readFileSync(merged, 'utf8')) as SweepReport;
  assert.deepEqual(
    report.runs.map(({ number }) => number),
    Array.from({ length: report.cases }, (_, at) => report.runs[at]?.number),
  );
  assert.equal(report.runs.length, report.cases);
  const xml = readFileSync(junit, 'utf8');
  assert.match(xml, /<testsuites name="fwctl-emu sweep" tests="5" failures="1" errors="0" skipped="0"/);
  assert.match(xml, /<failure type="hang" message="hang: no end within \d+ s/);
  const half = spawnSync(process.execPath, [MAIN, 'sweep', 'merge', parts[0] ?? ''], { encoding: 'utf8' });
  assert.match(half.stdout, /runs are missing/);
  assert.equal(half.status, 1);
});

test('what cannot be swept is refused', { skip }, () => {
  const refused = (...words: string[]) => spawnSync(process.execPath, [MAIN, 'sweep', ...words], { encoding: 'utf8' });
  assert.match(refused('--', 'true').stderr, /makes no call to an emulated device/);
  assert.equal(refused('--', 'true').status, 2);
  assert.match(refused('--only', 'eror', '--', 'true').stderr, /no kind "eror".*did you mean/);
  assert.match(refused('--shard', '3/2', '--', 'true').stderr, /Write K\/N/);
  assert.equal(refused('--', '/no/such/program').status, 127);
});

test('each ioctl of iommufd in turn', { skip: skip || !existsSync(IOMMU) }, () => {
  const words = ['sweep', '--timeout', '20', '--device', 'iommufd', '--only', 'errno', '--', IOMMU];
  const { status, stdout } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8', timeout: 120_000 });
  // The UNMAP and the DESTROY that are refused anyway are calls, and not tried.
  assert.match(stdout, /iommu-map: 1 open, 6 ioctls; 5 runs in .*\nfound: 0 crashes, 0 hangs, 0 failures hidden/);
  assert.equal(status, 0);
  const hides = ['sweep', '--device', 'iommufd', '--only', 'errno', '--', 'sh', '-c', `${IOMMU} || true`];
  const found = spawnSync(process.execPath, [MAIN, ...hides], { encoding: 'utf8', timeout: 120_000 });
  assert.match(found.stdout, /^HIDDEN {2}IOMMU_IOAS_MAP: exit 0, the output differs \(errno\); 1 run/m);
  assert.match(found.stdout, /--fault ioctl:when=2:error=ENOMEM/);
  assert.equal(found.status, 1);
});
