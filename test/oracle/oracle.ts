/**
 * `make oracle`: all of fwx and drvx against the emulator, compared with what the real kernels and drivers answered,
 * and all of calls, compared with what a device of this kernel answers.
 *
 *   node oracle.js [--transport fuse,cuse,retry,seccomp,seccomp-paths] [--kernel v2,v6.15,mainline,drivers,calls]
 *                  [--on host,uml,SUITE]
 *                  [--optable] [--max N] [--keep] [SECTION...]
 *
 * `--on`: the machines that emulate: `host` is this one, `uml` the user-mode Linux that is installed, another word that
 * of the Debian suite (scripts/uml-suite: bullseye, trixie, sid). Unless told FUSE is on the host, and CUSE and retry
 * are where /dev/cuse is, host or uml, and on sid, the newest kernel.
 * `--optable`: every opcode of mlx5, and, as over FUSE always, every request number of bnxt.
 * Prints `N differences in M records` for each kernel, transport and machine; differences that docs/vfs-differences.md
 * lists (exact values, from differences.ts) are counted apart. Exit status 1: something differs, or a listed row that
 * should differ does not; 77: nothing could be run. FWCTL_EMU_SLOW=1 in the environment: without the shortcuts of
 * reading and writing callers' memory.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../repository.ts';
import type { DifferenceRow } from './difference-row.ts';
import { rowsOf } from './differences.ts';
import { judge, type Verdict } from './judge.ts';
import { buildPrograms } from './programs.ts';
import { chosen } from './suite.ts';
import { SUITES, suiteOf } from './suites.ts';
import { byCuse, type OracleTransport } from './transport.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    transport: { type: 'string', default: 'fuse,cuse,retry' },
    kernel: { type: 'string', default: SUITES.map((suite) => suite.name).join() },
    on: { type: 'string' },
    optable: { type: 'boolean', default: false },
    max: { type: 'string', default: '20' },
    keep: { type: 'boolean', default: false },
  },
});
const suites = values.kernel.split(',').map(suiteOf);
const all = [...new Set(suites.flatMap((suite) => suite.sections))];

function sectionsFor(transport: OracleTransport): string[] {
  const unasked = all.filter(({ transports = [transport] }) => transports.includes(transport));
  const slow = values.optable ? all.filter(({ limitSeconds }) => limitSeconds !== undefined) : [];
  return [...(positionals.length > 0 ? positionals : unasked.map(({ name }) => name)), ...slow.map(({ name }) => name)];
}

/** The machines that emulate. CUSE needs /dev/cuse, which many kernels are built without. */
function machinesFor(transport: OracleTransport): string[] {
  if (values.on !== undefined) return values.on.split(',');
  if (!byCuse(transport)) return ['host'];
  return [existsSync('/dev/cuse') ? 'host' : 'uml', 'sid'];
}

/** scripts/uml's status for "not to be had". */
const ABSENT = 77;
/** Of one boot of user-mode Linux: all quick sections, and the slow ones' own limits. */
function guestSeconds(names: readonly string[]): number {
  const slow = suites.flatMap((suite) => chosen(suite, names)).map(({ limitSeconds = 0 }) => limitSeconds);
  return slow.reduce((sum, seconds) => sum + seconds, 3000);
}

buildPrograms();
const folder = mkdtempSync(join(repository, 'build/oracle/run-'));
let failed = false;
let ran = 0;
for (const transport of values.transport.split(',') as OracleTransport[]) {
  for (const machine of machinesFor(transport)) runOn(machine, transport);
}
if (values.keep) console.log(`records: ${folder}`);
else rmSync(folder, { recursive: true });
process.exit(ran === 0 ? ABSENT : failed ? 1 : 0);

function runOn(machine: string, transport: OracleTransport): void {
  if (machine === 'host' && byCuse(transport) && !existsSync('/dev/cuse')) {
    console.log(`${transport} on host: skipped, this machine's kernel has no /dev/cuse`);
    return;
  }
  const place = join(folder, machine, transport);
  const sections = sectionsFor(transport);
  mkdirSync(place, { recursive: true });
  const program = [process.execPath, fileURLToPath(new URL('run-all.js', import.meta.url)), transport, values.kernel];
  const suite = machine === 'uml' ? [] : ['--suite', machine];
  const guest = [...suite, '--timeout', String(guestSeconds(sections)), '--results', place, '--', ...program];
  const [command = '', ...args] =
    machine === 'host' ? [...program, place] : [join(repository, 'scripts/uml'), ...guest, '/run/fwctl-uml-results'];
  const started = performance.now();
  const { status } = spawnSync(command, [...args, ...sections], { stdio: ['ignore', 'inherit', 'inherit'] });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  if (machine !== 'host' && status === ABSENT) {
    console.log(`${transport} on ${machine}: skipped, it is not to be had here (the reason is above)`);
    return;
  }
  ran++;
  if (status !== 0) {
    console.log(`${transport} on ${machine}: the run ended with status ${status}`);
    failed = true;
  }
  const used = new Set<DifferenceRow>();
  let linux = '';
  let whole = positionals.length === 0 && suites.length === SUITES.length;
  for (const suite of suites) {
    if (chosen(suite, sections).length === 0) continue;
    const verdict = judge(transport, suite, sections, join(place, suite.name));
    for (const row of verdict.used) used.add(row);
    linux = verdict.linux;
    whole &&= verdict.skipped.length === 0;
    print(`${transport} on ${machine}, Linux ${linux}`, suite.name, verdict, seconds);
    if (verdict.differences.length > 0 || verdict.problems.length > 0) failed = true;
  }
  if (!whole || linux === '') return;
  for (const row of rowsOf(transport, linux).filter((one) => !used.has(one) && one.shownBy === undefined)) {
    console.log(`${transport} on ${machine}, Linux ${linux}: nothing differed as the row "${row.call}" says`);
    failed = true;
  }
}

function print(where: string, kernel: string, verdict: Verdict, seconds: string): void {
  for (const section of verdict.skipped) console.log(`${where}, kernel ${kernel}: skipped ${section}`);
  for (const problem of verdict.problems) console.log(`${where}, kernel ${kernel}: ${problem}`);
  for (const { key, want, have } of verdict.differences.slice(0, Number(values.max))) {
    console.log(`${where}, kernel ${kernel}: ${key}\n  want ${JSON.stringify(want)}\n  have ${JSON.stringify(have)}`);
  }
  const listed = verdict.listed === 0 ? '' : `, ${verdict.listed} more are in docs/vfs-differences.md`;
  console.log(
    `${where}, kernel ${kernel}: ${verdict.differences.length} differences in ${verdict.records} records${listed} (${seconds} s for all suites)`,
  );
}
