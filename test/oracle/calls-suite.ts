/**
 * What every system call that takes a file says of a device node (test/oracle/calls/): of a real one, whose kernel is
 * this machine's, and of ours, in one run each. Nothing is recorded: what the VFS answers depends on the kernel that
 * runs, not on the one that is emulated.
 */
import { join } from 'node:path';
import { freeMajor, hostProcDevices } from '../../src/view/host-facts.ts';
import type { GoldenRecord } from '../conformance/golden.ts';
import { repository } from '../repository.ts';
import { compareRecords } from './compare.ts';
import { runInView } from './in-view.ts';
import { OracleMachine } from './machine.ts';
import type { Section } from './sections.ts';
import type { Suite } from './suite.ts';

/** The program's sections; their records' keys begin with `calls-`. */
const NAMES = [
  ...['attributes', 'xattrs', 'names', 'watchers', 'locks'],
  ...['transfer', 'ioctls', 'mappings', 'uring', 'directories'],
];

const LIMIT_SECONDS = 120;

export const CALLS_SUITE: Suite = {
  name: 'calls',
  sections: NAMES.map((name): Section => ({ name: `calls-${name}`, args: [name] })),
  run: (bench, { args }, file) => {
    const major = freeMajor(hostProcDevices());
    return runInView({ ...bench, major }, new OracleMachine('linux-7.3', major), {
      command: [join(repository, 'build/oracle/calls'), '-T', `${LIMIT_SECONDS}`, '-o', file, ...args],
      hook: 'CALLS_HOOK',
      counters: 'CALLS_COUNTERS',
    });
  },
  compare: ({ name }, records) => compareRecords(name, sideOf(records, 'device'), sideOf(records, 'ours')),
};

function sideOf(records: readonly GoldenRecord[], side: string): GoldenRecord[] {
  return records.filter((record) => record.side === side).map(({ side: _, ...record }) => record);
}
