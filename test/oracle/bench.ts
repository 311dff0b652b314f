/** fwx: one run of it against one emulated machine, and what came of it. */
import { join } from 'node:path';
import type { AbiName } from '../../src/abi/profiles.ts';
import { freeMajor, hostProcDevices } from '../../src/view/host-facts.ts';
import type { GoldenRecord, KERNELS, KernelName } from '../conformance/golden.ts';
import { repository } from '../repository.ts';
import { type Comparison, compareRecords, levelGolden, levelOurs } from './compare.ts';
import { type BenchRun, runInView } from './in-view.ts';
import { OracleMachine } from './machine.ts';
import { opcodeTableDifferences } from './opcode-table.ts';
import { LIMIT_SECONDS, OPCODE_TABLE, SECTIONS, type Section, wantedRecords } from './sections.ts';
import type { BenchParts, Circumstances, Suite } from './suite.ts';

/** fwx against one of the recorded kernels. */
export function fwxSuite({ kernel, abi }: (typeof KERNELS)[number]): Suite {
  return {
    name: kernel,
    sections: [...SECTIONS, OPCODE_TABLE],
    run: (bench, section, file) => runFwx(bench, abi, section, file),
    compare: (section, records, run) => compareFwx(kernel, section, records, run),
  };
}

function runFwx(
  bench: BenchParts,
  abi: AbiName,
  { args, limitSeconds = LIMIT_SECONDS }: Section,
  file: string,
): Promise<BenchRun> {
  const major = freeMajor(hostProcDevices());
  return runInView({ ...bench, major }, new OracleMachine(abi, major), {
    command: [join(repository, 'build/oracle/fwx'), '-T', String(limitSeconds), '-o', file, ...args],
    hook: 'FWX_HOOK',
    counters: 'FWX_COUNTERS',
  });
}

function compareFwx(
  kernel: KernelName,
  section: Section,
  records: readonly GoldenRecord[],
  { major, auxiliaryDrivers }: Circumstances,
): Comparison {
  if (section === OPCODE_TABLE) return opcodeTableDifferences(kernel, records);
  const golden = wantedRecords(kernel, section).map((record) => levelGolden(section.name, record));
  const recorded = new Set(golden.map(auxiliaryDriver));
  const foreign = new Set(auxiliaryDrivers.filter((name) => !recorded.has(name)));
  const ours = records
    .filter((record) => !isForeignEvent(record) && !foreign.has(auxiliaryDriver(record)))
    .map((record) => levelOurs(section.name, record, major));
  return compareRecords(section.name, golden, ours);
}

/** The driver's directory that a record of sysfs is of or in; empty: it is of something else. */
function auxiliaryDriver({ path }: GoldenRecord): string {
  return /^\/sys\/bus\/auxiliary\/drivers\/([^/]+)/.exec(String(path))?.[1] ?? '';
}

/** A uevent of some other device of this machine, of which a recorder alone in its guest heard none. */
function isForeignEvent({ name, v }: GoldenRecord): boolean {
  return /^uevent /.test(String(name)) && !/SUBSYSTEM=(fwctl|auxiliary|pci|cuse) /.test(String(v));
}
