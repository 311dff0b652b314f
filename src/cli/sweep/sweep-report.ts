/** A sweep's report: the JSON that shards are joined by, and the text for people. */
import type { SweepCase, SweptCalls } from './sweep-cases.ts';
import { FINDINGS, type Judgement, type Verdict } from './sweep-verdict.ts';

export interface SweepRun extends SweepCase, Judgement {
  /** Its number among all cases of the sweep, from 1; the same in every shard. */
  readonly number: number;
  readonly status: number;
  readonly ms: number;
  /** What a finding printed last. */
  readonly tail?: string;
}

export interface SweepReport {
  readonly fwctl_emu_sweep: 1;
  readonly command: readonly string[];
  /** Further options of `run`, to try one by hand. */
  readonly options: readonly string[];
  /** Names of calls that may fail without a word: --optional. */
  readonly optional: readonly string[];
  readonly calls: SweptCalls;
  /** Exit status without faults; other than 0, exit statuses are not judged. */
  readonly clean_status: number;
  /** All cases, those of other shards too. */
  readonly cases: number;
  readonly shards: readonly string[];
  readonly seconds: number;
  readonly runs: readonly SweepRun[];
}

export function findingsOf({ runs }: SweepReport): readonly SweepRun[] {
  return runs.filter(({ verdict }) => FINDINGS.includes(verdict));
}

export function runLine({ verdict, call, kind, detail, fault }: SweepRun): string {
  return `${verdict.toUpperCase().padEnd(7)} ${call}: ${kind}: ${detail}\n          --fault '${fault}'`;
}

/** The findings, the gravest first: of each command and kind one line, with one fault to try it with. */
export function findingLines(report: SweepReport): string[] {
  const groups = new Map<string, SweepRun[]>();
  for (const verdict of FINDINGS) {
    for (const run of report.runs.filter((one) => one.verdict === verdict)) {
      const key = [verdict, commandOf(run), verdict === 'hidden' ? '' : run.kind].join('|');
      groups.set(key, [...(groups.get(key) ?? []), run]);
    }
  }
  return [...groups.values()].flatMap((runs) => {
    const [first] = runs;
    if (first === undefined) return [];
    const kinds = [...new Set(runs.map(({ kind }) => kind))];
    const how = first.verdict === 'hidden' ? kinds.join(', ') : `${first.kind}, ${first.about}`;
    const head = `${first.verdict.toUpperCase().padEnd(7)} ${commandOf(first)}: ${first.detail} (${how}); ${many(runs.length, 'run')}`;
    return [head, `        --fault ${shellWord(first.fault)}`];
  });
}

/** `ACCESS_REG(read MGIR)` of `rpc 3 ACCESS_REG(read MGIR 0x9020)`; `open` of `open 1 of fwctl0`. */
function commandOf({ call }: SweepRun): string {
  const [, what = call, name = '', inner] = /^(\S+) \d+ (?:of )?([^( ]+)(?:\(([^)]*))?/.exec(call) ?? [];
  if (what === 'ioctl') return name;
  if (what !== 'rpc') return what;
  const words = (inner ?? '').split(' ').filter((word) => !/=|^0x|^\.\.\.$/.test(word));
  return words.join('') === '' ? name : `${name}(${words.join(' ')})`;
}

export function summaryLines(report: SweepReport): string[] {
  const { command, calls, runs, cases, seconds, clean_status: status, options } = report;
  const made = [many(calls.opens, 'open')];
  if (calls.infos + calls.rpcs > 0 || calls.ioctls === 0)
    made.push(many(calls.infos, 'FWCTL_INFO'), many(calls.rpcs, 'RPC'));
  if (calls.ioctls > 0) made.push(many(calls.ioctls, 'ioctl'));
  const part = runs.length === cases ? '' : ` of ${cases}`;
  const lines = [
    `${shellWords(command)}: ${made.join(', ')}; ${many(runs.length, 'run')}${part} in ${seconds.toFixed(1)} s`,
  ];
  if (status !== 0)
    lines.push(`without faults it ends with status ${status}: whether a failure shows in the status was not judged`);
  const count = (verdict: Verdict): number => runs.filter((run) => run.verdict === verdict).length;
  const found = [
    many(count('crash'), 'crash', 'crashes'),
    many(count('hang'), 'hang'),
    many(count('hidden'), 'failure hidden by exit status 0', 'failures hidden by exit status 0'),
  ];
  lines.push(`found: ${found.join(', ')}`);
  if (count('optional') > 0)
    lines.push(`not counted: ${many(count('optional'), 'failure')} of optional calls (${optionalCommands(report)})`);
  const missed = many(count('missed'), 'call was', 'calls were');
  if (count('missed') > 0) lines.push(`${missed} not made again: the command does not do the same each time`);
  const [first] = findingsOf(report);
  if (first !== undefined)
    lines.push(
      `try one: fwctl-emu run ${shellWords([...options, '--trace', '--fault', first.fault])} -- ${shellWords(command)}`,
    );
  return lines;
}

function optionalCommands({ runs }: SweepReport): string {
  return [...new Set(runs.filter(({ verdict }) => verdict === 'optional').map(commandOf))].join(', ');
}

/** Throws an Error that says why it is none. */
export function parseReport(text: string, file: string): SweepReport {
  let report: SweepReport;
  try {
    report = JSON.parse(text) as SweepReport;
  } catch {
    throw new Error(`${file}: this is no JSON; give it what sweep --json has written`);
  }
  const sound =
    report?.fwctl_emu_sweep === 1 &&
    Array.isArray(report.command) &&
    Array.isArray(report.optional) &&
    Array.isArray(report.runs) &&
    report.runs.every(
      ({ number, verdict, fault }) =>
        Number.isInteger(number) && typeof verdict === 'string' && typeof fault === 'string',
    );
  if (!sound) throw new Error(`${file}: this is no report of fwctl-emu sweep`);
  return report;
}

function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
