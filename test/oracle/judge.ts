/** What came of a run: its records against the golden ones, the listed differences taken off. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { GoldenRecord } from '../conformance/golden.ts';
import type { Difference } from './compare.ts';
import { isListed } from './differences.ts';
import type { BenchRun } from './in-view.ts';
import { chosen, type Suite } from './suite.ts';
import type { OracleTransport } from './transport.ts';

export interface Verdict {
  readonly records: number;
  /** Those that no list allows. */
  readonly differences: readonly Difference[];
  /** Differences that are as listed, to the byte. */
  readonly listed: number;
  /** A program that did not end well, and what the transport complained of. */
  readonly problems: readonly string[];
}

/** `folder`: where run-all.ts left the suite's records. */
export function judge(transport: OracleTransport, suite: Suite, names: readonly string[], folder: string): Verdict {
  const differences: Difference[] = [];
  const problems: string[] = [];
  let records = 0;
  let listed = 0;
  for (const section of chosen(suite, names)) {
    const file = join(folder, `${section.name}.jsonl`);
    const end = file.replace(/\.jsonl$/, '.run.json');
    if (!existsSync(file) || !existsSync(end)) {
      problems.push(`${section.name}: no records`);
      continue;
    }
    const run: BenchRun = JSON.parse(readFileSync(end, 'utf8'));
    if (run.code !== 0)
      problems.push(`${section.name}: the program ended with status ${run.code}: ${run.stderr.trim()}`);
    for (const complaint of run.complaints) problems.push(`${section.name}: ${complaint}`);
    const result = suite.compare(section, readRecords(file), run.major);
    records += result.records;
    for (const difference of result.differences) {
      const { key, want, have } = difference;
      if (isListed(transport, key, want, (allowed) => isDeepStrictEqual(allowed, have))) listed++;
      else differences.push(difference);
    }
  }
  return { records, differences, listed, problems };
}

function readRecords(file: string): GoldenRecord[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
