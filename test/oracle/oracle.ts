/**
 * `make oracle`: all of fwx against the emulator, compared with what the real kernels answered.
 *
 *   node oracle.js [--transport fuse,cuse,retry] [--kernel v2,v6.15,mainline] [--optable] [--max N] [--keep]
 *                  [SECTION...]
 *
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
import { KERNELS } from '../conformance/golden.ts';
import { repository } from '../repository.ts';
import type { OracleTransport } from './bench.ts';
import { judge, type Verdict } from './judge.ts';
import { buildPrograms } from './programs.ts';
import { OPCODE_TABLE, SECTIONS } from './sections.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    transport: { type: 'string', default: 'fuse,cuse,retry' },
    kernel: { type: 'string', default: KERNELS.map((row) => row.kernel).join() },
    optable: { type: 'boolean', default: false },
    max: { type: 'string', default: '20' },
    keep: { type: 'boolean', default: false },
  },
});
const sections = positionals.length > 0 ? positionals : SECTIONS.map((section) => section.name);
if (values.optable) sections.push(OPCODE_TABLE.name);

/** scripts/uml's status for "not to be had". */
const ABSENT = 77;
/** Of one boot of user-mode Linux: all sections of all kernels, and the opcode table's own limit for each. */
const GUEST_SECONDS =
  3000 + (sections.includes(OPCODE_TABLE.name) ? KERNELS.length * (OPCODE_TABLE.limitSeconds ?? 0) : 0);

buildPrograms();
const folder = mkdtempSync(join(repository, 'build/oracle/run-'));
let failed = false;
let ran = 0;
for (const transport of values.transport.split(',') as OracleTransport[]) {
  const place = join(folder, transport);
  mkdirSync(place);
  const program = [process.execPath, fileURLToPath(new URL('run-all.js', import.meta.url)), transport, values.kernel];
  const inGuest = transport !== 'fuse' && !existsSync('/dev/cuse');
  const command = inGuest
    ? [
        join(repository, 'scripts/uml'),
        '--timeout',
        String(GUEST_SECONDS),
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
  for (const { kernel } of KERNELS) {
    if (!values.kernel.split(',').includes(kernel)) continue;
    const verdict = judge(transport, kernel, sections, join(place, kernel));
    print(transport, kernel, verdict, inGuest, seconds);
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
    `${transport}${where}, kernel ${kernel}: ${verdict.differences.length} differences in ${verdict.records} records${listed} (${seconds} s for all kernels)`,
  );
}
