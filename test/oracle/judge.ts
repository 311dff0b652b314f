/** What came of a run: its records against the golden ones, the listed differences taken off. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { GoldenRecord, KernelName } from '../conformance/golden.ts';
import type { BenchRun, OracleTransport } from './bench.ts';
import { compareRecords, type Difference, levelGolden, levelOurs } from './compare.ts';
import { isListed } from './differences.ts';
import { opcodeTableDifferences } from './opcode-table.ts';
import { OPCODE_TABLE, SECTIONS, type Section, wantedRecords } from './sections.ts';

export interface Verdict {
  readonly records: number;
  /** Those that no list allows. */
  readonly differences: readonly Difference[];
  /** Differences that are as listed, to the byte. */
  readonly listed: number;
  /** fwx that did not end well, and what the transport complained of. */
  readonly problems: readonly string[];
}

/** `folder`: where run-all.ts left one kernel's records. */
export function judge(
  transport: OracleTransport,
  kernel: KernelName,
  names: readonly string[],
  folder: string,
): Verdict {
  const differences: Difference[] = [];
  const problems: string[] = [];
  let records = 0;
  let listed = 0;
  for (const section of [...SECTIONS, OPCODE_TABLE]) {
    if (!names.some((name) => section.name === name || section.name.startsWith(`${name}/`))) continue;
    const file = join(folder, `${section.name}.jsonl`);
    const end = file.replace(/\.jsonl$/, '.run.json');
    if (!existsSync(file) || !existsSync(end)) {
      problems.push(`${section.name}: no records`);
      continue;
    }
    const run: BenchRun = JSON.parse(readFileSync(end, 'utf8'));
    if (run.code !== 0) problems.push(`${section.name}: fwx ended with status ${run.code}: ${run.stderr.trim()}`);
    for (const complaint of run.complaints) problems.push(`${section.name}: ${complaint}`);
    const result = compareSection(kernel, section, readRecords(file), run.major);
    records += result.records;
    for (const difference of result.differences) {
      const { key, want, have } = difference;
      if (isListed(transport, key, want, (allowed) => isDeepStrictEqual(allowed, have))) listed++;
      else differences.push(difference);
    }
  }
  return { records, differences, listed, problems };
}

function compareSection(kernel: KernelName, section: Section, records: readonly GoldenRecord[], major: number) {
  if (section === OPCODE_TABLE) return opcodeTableDifferences(kernel, records);
  const golden = wantedRecords(kernel, section).map((record) => levelGolden(section.name, record));
  const ours = records
    .filter((record) => !isForeignEvent(record))
    .map((record) => levelOurs(section.name, record, major));
  return compareRecords(section.name, golden, ours);
}

/** A uevent of some other device of this machine, of which a recorder alone in its guest heard none. */
function isForeignEvent({ name, v }: GoldenRecord): boolean {
  return /^uevent /.test(String(name)) && !/SUBSYSTEM=(fwctl|auxiliary|pci|cuse) /.test(String(v));
}

function readRecords(file: string): GoldenRecord[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
