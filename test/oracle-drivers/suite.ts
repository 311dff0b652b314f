/** drvx: one run of it against a driver's recorded devices, emulated, and what came of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeMajor, hostProcDevices } from '../../src/view/host-facts.ts';
import type { GoldenRecord } from '../conformance/golden.ts';
import { type Comparison, compareRecords } from '../oracle/compare.ts';
import { type BenchRun, runInView } from '../oracle/in-view.ts';
import { LIMIT_SECONDS } from '../oracle/sections.ts';
import type { BenchParts, Suite } from '../oracle/suite.ts';
import { repository } from '../repository.ts';
import { DriverMachine } from './machine.ts';
import { MOCKS } from './mocks.ts';
import { DRIVER_SECTIONS, type DriverSection, unpacked } from './sections.ts';

export const DRIVERS_SUITE: Suite = {
  name: 'drivers',
  sections: DRIVER_SECTIONS.filter(({ driver }) => MOCKS[driver] !== undefined),
  run: (bench, section, file) => runDrvx(bench, section as DriverSection, file),
  compare: (section, records) => compareDrvx(section as DriverSection, records),
};

async function runDrvx(bench: BenchParts, section: DriverSection, file: string): Promise<BenchRun> {
  const major = freeMajor(hostProcDevices());
  const mock = MOCKS[section.driver];
  if (mock === undefined) throw new Error(`driver ${section.driver} has no mock`);
  const machine = new DriverMachine(mock(), major);
  const { DRVX_DEV0 = '', DRVX_DEV1 = '' } = machine.paths;
  const { cases, args, limitSeconds = LIMIT_SECONDS } = section;
  const place = mkdtempSync(join(tmpdir(), 'fwctl-emu-drvx-'));
  try {
    if (cases !== undefined) writeFileSync(join(place, cases), unpacked(`cases/${cases}`));
    return await runInView({ ...bench, major }, machine, {
      command: [
        join(repository, 'build/oracle/drvx'),
        ...['-T', String(limitSeconds), '-o', file],
        ...[...args, ...(cases === undefined ? [] : [join(place, cases)])],
      ],
      hook: 'DRVX_HOOK',
      counters: 'DRVX_PARAMS',
      env: section.second ? { DRVX_DEV0: DRVX_DEV1 } : { DRVX_DEV0, ...(DRVX_DEV1 && { DRVX_DEV1 }) },
    });
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** The firmwares' log is for the reader. A run of request numbers is known by its first. */
function compareDrvx(section: DriverSection, records: readonly GoldenRecord[]): Comparison {
  const levelled = ({ log: _, ...record }: GoldenRecord): GoldenRecord =>
    record.from === undefined ? record : { id: record.from, ...record };
  return compareRecords(section.name, section.wanted().map(levelled), records.map(levelled));
}
