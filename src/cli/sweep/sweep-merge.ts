/** `fwctl-emu sweep merge`: the reports of shards as one. */
import { constants } from 'node:buffer';
import { CliError, EXIT } from '../../host/config/cli-error.ts';
import { readGivenFile } from '../../host/config/named-file.ts';
import { type SweepOutputs, writeReports } from './sweep.ts';
import {
  findingLines,
  findingsOf,
  parseReport,
  type SweepReport,
  type SweepRun,
  summaryLines,
} from './sweep-report.ts';

/** Throws CliError for files that do not belong together. The exit status is sweep's. */
export function mergeReports(
  files: readonly string[],
  outputs: SweepOutputs,
  version: string,
  say: (line: string) => void,
): number {
  const report = merged(files.map(read));
  for (const line of [...findingLines(report), ...summaryLines(report)]) say(line);
  if (report.runs.length < report.cases)
    say(`${report.cases - report.runs.length} runs are missing: give it the reports of all shards`);
  writeReports(report, outputs, version);
  return findingsOf(report).length > 0 || report.runs.length < report.cases ? EXIT.failure : EXIT.ok;
}

function read(file: string): SweepReport {
  try {
    const text = readGivenFile(file, { what: 'report', maxBytes: constants.MAX_STRING_LENGTH });
    return parseReport(text, file);
  } catch (error) {
    throw new CliError(`sweep merge: ${(error as Error).message}`);
  }
}

function merged(reports: readonly SweepReport[]): SweepReport {
  const [first, ...others] = reports;
  if (first === undefined) throw new CliError('sweep merge: give it at least one report', EXIT.usage);
  const key = ({ command, options, optional, cases }: SweepReport): string =>
    JSON.stringify([command, options, optional, cases]);
  const other = others.find((report) => key(report) !== key(first));
  if (other !== undefined) {
    const both = `"${first.command.join(' ')}" has ${first.cases} cases, "${other.command.join(' ')}" ${other.cases}`;
    throw new CliError(`sweep merge: these are not shards of one sweep: ${both}; give all shards the same options`);
  }
  const runs = new Map<number, SweepRun>();
  for (const report of reports) for (const run of report.runs) runs.set(run.number, run);
  return {
    ...first,
    shards: [...new Set(reports.flatMap(({ shards }) => shards))],
    seconds: reports.reduce((sum, { seconds }) => sum + seconds, 0),
    runs: [...runs.values()].sort((a, b) => a.number - b.number),
  };
}
