/** What fwx is run with, and which golden file it is compared to. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type GoldenRecord, goldenRecords, type KernelName } from '../conformance/golden.ts';
import { repository } from '../repository.ts';
import type { OracleTransport } from './transport.ts';

export interface Section {
  /** `order`, `vfs`, `taint/s2_s3`, ...: the golden file below the kernel's folder, and the record file's name. */
  readonly name: string;
  /** fwx's arguments. */
  readonly args: readonly string[];
  /** After so many seconds fwx gives up; LIMIT_SECONDS unless told. */
  readonly limitSeconds?: number;
  /** Where it is replayed without being named; everywhere unless told. */
  readonly transports?: readonly OracleTransport[];
}

export const LIMIT_SECONDS = 550;

const CASES = ['size', 'info', 'rpc', 'order', 'gone'];
const PLAIN = ['vfs', 'ioctlnr', 'share', 'plug', 'creds', 'faults', 'sysfs'];
const golden = join(repository, 'test/golden/fwctl');

/** fwx's `taint` sequences, each a boot of its own. */
export const TAINT_SEQUENCES: readonly string[] = readdirSync(join(golden, 'mainline/taint'))
  .map((file) => file.replace(/\.jsonl$/, ''))
  .sort();

/** Every section but the opcode table, which alone takes longer than all others. */
export const SECTIONS: readonly Section[] = [
  ...CASES.map((name) => ({ name, args: ['run', join(golden, `cases/${name}.txt`)] })),
  ...PLAIN.map((name) => ({ name, args: [name] })),
  ...TAINT_SEQUENCES.map((name) => ({ name: `taint/${name}`, args: ['taint', name.replaceAll('_', ',')] })),
];

/** Takes some 8 minutes in user-mode Linux on a quiet machine, twice that beside other work. */
export const OPCODE_TABLE: Section = { name: 'optable', args: ['optable'], limitSeconds: 2700, transports: [] };

export function wantedRecords(kernel: KernelName, section: Section): GoldenRecord[] {
  return goldenRecords(kernel, section.name);
}
