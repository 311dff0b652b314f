/**
 * What came of a run: its records against the golden ones, the listed differences taken off. A record that is as the
 * kernel's though a row says that it differs is a fault of the row.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { GoldenRecord } from '../conformance/golden.ts';
import type { Difference } from './compare.ts';
import type { DifferenceRow } from './difference-row.ts';
import { rowsOf } from './differences.ts';
import { chosen, type SectionRun, type Suite } from './suite.ts';
import type { OracleTransport } from './transport.ts';

export interface Verdict {
  readonly records: number;
  /** Those that no list allows. */
  readonly differences: readonly Difference[];
  /** Differences that are as listed, to the byte. */
  readonly listed: number;
  /** The kernel that it ran on, as uname -r says it; empty: nothing has run. */
  readonly linux: string;
  /** The rows that those are of. */
  readonly used: ReadonlySet<DifferenceRow>;
  /** A program that did not end well, what the transport complained of, and rows that do not hold. */
  readonly problems: readonly string[];
  /** Sections that this machine cannot be asked, and why. */
  readonly skipped: readonly string[];
}

/** A program's status for that. */
const SKIPPED = 77;

/** `folder`: where run-all.ts left the suite's records. */
export function judge(transport: OracleTransport, suite: Suite, names: readonly string[], folder: string): Verdict {
  const differences: Difference[] = [];
  const problems: string[] = [];
  const skipped: string[] = [];
  const used = new Set<DifferenceRow>();
  let linux = '';
  let records = 0;
  let listed = 0;
  for (const section of chosen(suite, names)) {
    const file = join(folder, `${section.name}.jsonl`);
    const end = file.replace(/\.jsonl$/, '.run.json');
    if (!existsSync(file) || !existsSync(end)) {
      problems.push(`${section.name}: no records`);
      continue;
    }
    const run: SectionRun = JSON.parse(readFileSync(end, 'utf8'));
    linux = run.linux;
    if (run.code === SKIPPED) {
      skipped.push(`${section.name}: ${run.stderr.trim()}`);
      continue;
    }
    if (run.code !== 0)
      problems.push(`${section.name}: the program ended with status ${run.code}: ${run.stderr.trim()}`);
    for (const complaint of run.complaints) problems.push(`${section.name}: ${complaint}`);
    const result = suite.compare(section, readRecords(file), run);
    records += result.records;
    const rows = rowsOf(transport, linux);
    for (const difference of result.differences) {
      const { key, want, have } = difference;
      const row = rows.find((one) => one.allowed(key, want).some((allowed) => isDeepStrictEqual(allowed, have)));
      if (row === undefined) differences.push(difference);
      else {
        used.add(row);
        listed++;
      }
    }
    for (const { key, want } of result.agreed) {
      const row = rows.find((one) => one.allowed(key, want).length > 0);
      if (row === undefined) continue;
      problems.push(`${key} on Linux ${linux}: no difference, but the row "${row.call}" says that there is one`);
    }
  }
  return { records, differences, listed, linux, used, problems, skipped };
}

function readRecords(file: string): GoldenRecord[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
