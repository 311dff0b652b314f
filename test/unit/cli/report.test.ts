/** Reports as files, by the program that users start: of a run, a trace, a sweep. What is in them, with no browser. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { ReportData } from '../../../src/control/inspector/report-data.ts';
import { repository } from '../../repository.ts';

const program = join(repository, 'dist/bundle/cli/main.cjs');
const client = join(repository, 'build/c/demo-reg');
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-report-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const emu = (...words: readonly string[]) =>
  spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', timeout: 120_000 });

function lacks(): string | false {
  for (const file of [program, client, '/dev/fuse']) if (!existsSync(file)) return `${file} is missing`;
  const tried = emu('run', '--', 'true');
  return tried.status === 0 ? false : tried.stderr.trim();
}
const skip = lacks();

function dataOf(file: string): ReportData {
  const [, packed = ''] = /id="data">([A-Za-z0-9+/=]+)<\/script>/.exec(readFileSync(file, 'utf8')) ?? [];
  return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString()) as ReportData;
}

const refusals = ({ events }: ReportData) =>
  events?.shapes.filter(({ outcome }) => (outcome as { errno?: string } | undefined)?.errno === 'EBADMSG').length;

test('of a run, and of its trace: the same calls', { skip }, () => {
  const [page, trace] = [join(scratch, 'run.html'), join(scratch, 'run.jsonl')];
  const { status, stderr } = emu('run', `--trace=${trace}`, '--trace-hex', '--report', page, '--', client);
  assert.equal(status, 0, stderr);
  const run = dataOf(page);
  assert.equal(run.title, `run ${client}`);
  assert.equal(run.status.ended, 0);
  assert.equal(refusals(run), 1);
  assert.ok(run.devices[0]?.values['identity.psid'] === 'MT_0000000359');
  const traced = join(scratch, 'trace.html');
  const again = emu('trace', trace, '--report', traced);
  assert.equal(again.status, 0, again.stderr);
  const told = dataOf(traced);
  assert.equal(refusals(told), 1);
  const calls = ({ events }: ReportData) =>
    [...(events?.messages ?? [])]
      .filter(([, , hex]) => hex !== '')
      .map(([title, , hex]) => `${title} ${hex}`)
      .sort();
  assert.deepEqual(calls(told), calls(run));
});

test('of a sweep: what sweep --json has', { skip }, () => {
  const [page, json] = [join(scratch, 'sweep.html'), join(scratch, 'sweep.json')];
  const { stderr } = emu('sweep', '--only', 'errno', '--json', json, '--report', page, '--', client);
  assert.deepEqual(dataOf(page).sweep, JSON.parse(readFileSync(json, 'utf8')), stderr);
  const joined = join(scratch, 'joined.html');
  emu('sweep', 'merge', '--report', joined, json);
  assert.deepEqual((dataOf(joined).sweep as { runs: unknown }).runs, (dataOf(page).sweep as { runs: unknown }).runs);
});

test('what is wrong is said in a line: a place that cannot be written, a file that is no trace', { skip }, () => {
  const there = emu('run', '--report', '/nowhere/x.html', '--', 'true');
  assert.deepEqual(
    [there.status, there.stderr.trim()],
    [125, 'fwctl-emu: run: --report /nowhere/x.html: ENOENT; check the path'],
  );
  const file = join(scratch, 'wrong.jsonl');
  writeFileSync(file, '\n{"event":"open"}\n');
  const { status, stderr } = emu('trace', file, '--report', join(scratch, 'x.html'));
  assert.equal(status, 1);
  assert.match(stderr, /wrong\.jsonl:2: it has no time; give it what --trace=FILE\.jsonl has written/);
  assert.match(emu('trace', file).stderr, /FILE and --report HTML belong together/);
  for (const web of ['x', '70000', 'example.org:80', '127.0.0.1:']) {
    const refused = emu('run', `--web=${web}`, '--', 'true');
    assert.equal(refused.status, 125, web);
    assert.match(refused.stderr, /give a port from 0 to 65535, or ADDRESS:PORT with an IP address/);
  }
});
