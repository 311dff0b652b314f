/**
 * `make oracle`: all of fwx and drvx against the emulator, compared with what the real kernels and drivers answered.
 *
 *   node oracle.js [--transport fuse,cuse,retry] [--kernel v2,v6.15,mainline,drivers] [--optable] [--max N] [--keep]
 *                  [SECTION...]
 *
 * `--optable`: every opcode of mlx5, and, as over FUSE always, every request number of bnxt.
 * Prints `N differences in M records` for each kernel and transport; differences that docs/vfs-differences.md lists
 * (exact values, from differences.ts) are counted apart. CUSE runs in user-mode Linux unless this machine has
 * /dev/cuse. Exit status 1: something differs;
 * 77: nothing could be run. FWCTL_EMU_SLOW=1 in the environment: without the shortcuts of reading and writing callers'
 * memory.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../repository.ts';
import { judge, type Verdict } from './judge.ts';
import { buildPrograms } from './programs.ts';
import { chosen } from './suite.ts';
import { SUITES, suiteOf } from './suites.ts';
import type { OracleTransport } from './transport.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    transport: { type: 'string', default: 'fuse,cuse,retry' },
    kernel: { type: 'string', default: SUITES.map((suite) => suite.name).join() },
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
  const place = join(folder, transport);
  const sections = sectionsFor(transport);
  mkdirSync(place);
  const program = [process.execPath, fileURLToPath(new URL('run-all.js', import.meta.url)), transport, values.kernel];
  const inGuest = transport !== 'fuse' && !existsSync('/dev/cuse');
  const command = inGuest
    ? [
        join(repository, 'scripts/uml'),
        '--timeout',
        String(guestSeconds(sections)),
        '--results',
        place,
        '--',
        ...program,
        '/run/fwctl-uml-results',
      ]
    : [...program, place];
  const started = performance.now();
  const run = spawnSync(command[0] ?? '', [...command.slice(1), ...sections], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  if (inGuest && run.status === ABSENT) {
    console.log(`${transport}: skipped, user-mode Linux is not to be had here (the reason is above)`);
    continue;
  }
  ran++;
  if (run.status !== 0) {
    console.log(`${transport}: the run ended with status ${run.status}`);
    failed = true;
  }
  for (const suite of suites) {
    if (chosen(suite, sections).length === 0) continue;
    const verdict = judge(transport, suite, sections, join(place, suite.name));
    print(transport, suite.name, verdict, inGuest, seconds);
    if (verdict.differences.length > 0 || verdict.problems.length > 0) failed = true;
  }
}
if (values.keep) console.log(`records: ${folder}`);
else rmSync(folder, { recursive: true });
process.exit(ran === 0 ? ABSENT : failed ? 1 : 0);

function print(transport: string, kernel: string, verdict: Verdict, inGuest: boolean, seconds: string): void {
  for (const problem of verdict.problems) console.log(`${transport} ${kernel}: ${problem}`);
  for (const { key, want, have } of verdict.differences.slice(0, Number(values.max))) {
    console.log(`${transport} ${kernel}: ${key}\n  want ${JSON.stringify(want)}\n  have ${JSON.stringify(have)}`);
  }
  const listed = verdict.listed === 0 ? '' : `, ${verdict.listed} more are in docs/vfs-differences.md`;
  const where = inGuest ? ' in user-mode Linux' : '';
  console.log(
    `${transport}${where}, kernel ${kernel}: ${verdict.differences.length} differences in ${verdict.records} records${listed} (${seconds} s for all suites)`,
  );
}
