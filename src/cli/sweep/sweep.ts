/** `fwctl-emu sweep`: a command run once for each way in which each of its calls can fail. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { didYouMean } from '../../abi/nearest-name.ts';
import { abiProfile, DEFAULT_ABI } from '../../abi/profiles.ts';
import { CliError, EXIT } from '../../host/config/cli-error.ts';
import { parseRecording, type Recording } from '../../host/interceptors/recording/format.ts';
import type { DriverRow } from '../../host/machine/driver-row.ts';
import { loadMessages } from '../../host/machine/load-messages.ts';
import type { SweepVerbOptions } from '../command.ts';
import { findCommand } from '../find-command.ts';
import type { Progress } from '../progress.ts';
import { writeReport } from '../report-page.ts';
import { callsOf, namedCalls, type SweepCase, sweepCases, sweepKinds } from './sweep-cases.ts';
import { junitXml } from './sweep-junit.ts';
import { findingLines, findingsOf, runLine, type SweepReport, type SweepRun, summaryLines } from './sweep-report.ts';
import { type RunEnd, runOnce } from './sweep-run.ts';
import { FINDINGS, judge } from './sweep-verdict.ts';

export interface SweepParts {
  readonly drivers: readonly DriverRow[];
  readonly version: string;
  /** This program's file. */
  readonly program: string;
  /** A line of the report, and one beside it. */
  say(line: string): void;
  tell(line: string): void;
  /** On a terminal: how far it is, and what it finds as it finds it. */
  readonly progress?: Progress | undefined;
}

/** The exit status: 1 when something was found. */
export async function sweep(command: readonly string[], options: SweepVerbOptions, parts: SweepParts): Promise<number> {
  findCommand(command[0] ?? '', process.env.PATH);
  const messages = await loadMessages(parts.drivers);
  checkKinds(options.only ?? [], sweepKinds([...messages.values()]));
  const place = mkdtempSync(join(tmpdir(), 'fwctl-emu-sweep-'));
  try {
    const report = await sweepIn(place, command, options, parts);
    for (const line of [...findingLines(report), ...summaryLines(report)]) parts.say(line);
    writeReports(report, options, parts.version);
    return findingsOf(report).length > 0 ? EXIT.failure : EXIT.ok;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

export interface SweepOutputs {
  readonly json?: string;
  readonly junit?: string;
  /** A page to look at. */
  readonly report?: string;
}

export function writeReports(report: SweepReport, { json, junit, report: page }: SweepOutputs, version: string): void {
  if (json !== undefined) write(json, `${JSON.stringify(report, null, 1)}\n`);
  if (junit !== undefined) write(junit, junitXml(report));
  if (page === undefined) return;
  const at = report.options.indexOf('--abi');
  const { name, title } = abiProfile(at < 0 ? DEFAULT_ABI : (report.options[at + 1] ?? '')) ?? { name: '', title: '' };
  writeReport('sweep', page, {
    fwctl_emu_report: 1,
    version,
    title: `sweep ${report.command.join(' ')}`,
    abi: name,
    abi_title: title,
    status_names: [],
    status: { taint: 0, faults: [], held: [] },
    devices: [],
    sweep: report,
  });
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CliError(`sweep: ${path} cannot be written (${(error as NodeJS.ErrnoException).code}); check the path`);
  }
}

function checkKinds(kinds: readonly string[], known: readonly string[]): void {
  const unknown = kinds.find((kind) => !known.includes(kind));
  if (unknown === undefined) return;
  const names = known.join(', ');
  throw new CliError(`--only: there is no kind "${unknown}" (${names})${didYouMean(unknown, known)}`, EXIT.usage);
}

async function sweepIn(
  place: string,
  command: readonly string[],
  options: SweepVerbOptions,
  parts: SweepParts,
): Promise<SweepReport> {
  const started = performance.now();
  const { index, count } = options.shard;
  const machine = machineWords(options);
  const attempt = async (name: string, more: readonly string[]) => {
    const path = join(place, `${name}.jsonl`);
    const words = [...machine, '--log-level', 'error', '--record', path, ...more];
    const timeoutMs = options.timeout * 1000;
    const end = await runOnce({ program: parts.program, options: words, command, timeoutMs });
    return { end, recording: readRecording(path) };
  };
  const clean = await attempt('clean', []);
  const recording = checkClean(clean, options.timeout);
  const messages = await loadMessages(parts.drivers);
  const cases = sweepCases(recording, messages);
  const optional = optionalCalls(options.optional ?? [], cases);
  const all = cases
    .map((one, at) => ({ ...one, number: at + 1 }))
    .filter(({ kind }) => options.only === undefined || options.only.includes(kind));
  const mine = all.filter((_one, at) => at % count === index - 1);
  const runs: SweepRun[] = [];
  let [next, finds] = [0, 0];
  const work = async (): Promise<void> => {
    for (let one = mine[next++]; one !== undefined; one = mine[next++]) {
      const { end, recording: made } = await attempt(`${one.number}`, ['--fault', one.fault]);
      const judgement = judge(one, end, made, clean.end, optional(one));
      const found = FINDINGS.includes(judgement.verdict);
      const run = { ...one, ...judgement, status: end.status, ms: end.ms, ...(found && { tail: end.tail }) };
      runs.push(run);
      if (found) finds++;
      // on a terminal they come above the counter
      if (options.verbose || found) (parts.progress?.line ?? (options.verbose ? parts.tell : () => {}))(runLine(run));
      parts.progress?.show(`sweep: ${runs.length} of ${mine.length} runs, ${finds} found`);
      rmSync(join(place, `${one.number}.jsonl`), { force: true });
    }
  };
  try {
    await Promise.all(Array.from({ length: options.jobs }, work));
  } finally {
    parts.progress?.end();
  }
  return {
    fwctl_emu_sweep: 1,
    command,
    options: machine,
    optional: options.optional ?? [],
    calls: callsOf(recording),
    clean_status: clean.end.status,
    cases: all.length,
    shards: [`${index}/${count}`],
    seconds: Math.round(performance.now() - started) / 1000,
    runs: runs.sort((a, b) => a.number - b.number),
  };
}

function optionalCalls(names: readonly string[], cases: readonly SweepCase[]): (one: SweepCase) => boolean {
  try {
    return namedCalls(names, cases);
  } catch (error) {
    throw new CliError(`--optional: ${(error as Error).message}`, EXIT.usage);
  }
}

function machineWords({ config, abi, device = [] }: SweepVerbOptions): string[] {
  return [
    ...(config === undefined ? [] : ['--config', config]),
    ...(abi === undefined ? [] : ['--abi', abi]),
    ...device.flatMap((spec) => ['--device', spec]),
  ];
}

function readRecording(path: string): Recording | undefined {
  try {
    return parseRecording(readFileSync(path, 'utf8'), path);
  } catch {
    return undefined;
  }
}

/** The recording of the clean run. Throws CliError where there is nothing to sweep over. */
function checkClean({ end, recording }: { end: RunEnd; recording: Recording | undefined }, timeout: number): Recording {
  const said = end.tail.trim() === '' ? '' : `; it said:\n${end.tail.trim()}`;
  const refusal = (why: string) => new CliError(`sweep: ${why}${said}`, EXIT.usage);
  const bare = 'without any fault the command';
  if (end.stopped === 'time') throw refusal(`${bare} does not end within ${timeout} s (--timeout)`);
  if (end.stopped !== undefined || end.status >= 128) throw refusal(`${bare} fails with status ${end.status}`);
  if (recording !== undefined && recording.exchanges.length > 0) return recording;
  if (end.status === EXIT.noRun) throw refusal('fwctl-emu cannot run the command');
  throw refusal(`the command (status ${end.status}) makes no call to an emulated device`);
}
