/** The recorded answers of the real kernels, and which ABI profile each stands for. */
import { existsSync, readFileSync } from 'node:fs';
import type { AbiName } from '../../src/abi/profiles.ts';

/** Tests are run from the repository's root. */
const FOLDER = 'test/golden/fwctl';

export type KernelName = 'v2' | 'v6.15' | 'mainline';

export const KERNELS: readonly { readonly kernel: KernelName; readonly abi: AbiName }[] = [
  { kernel: 'v2', abi: 'v2' },
  { kernel: 'v6.15', abi: 'linux-6.15' },
  { kernel: 'mainline', abi: 'linux-7.3' },
];

export type GoldenRecord = Readonly<Record<string, unknown>>;

/** The records of one file, in order; v6.15's are mainline's where it has none of its own. */
export function goldenRecords(kernel: KernelName, file: string): GoldenRecord[] {
  const own = `${FOLDER}/${kernel}/${file}.jsonl`;
  return lines(existsSync(own) ? own : `${FOLDER}/mainline/${file}.jsonl`).map((line) => JSON.parse(line));
}

/** The lines of a case file, without comments. */
export function caseLines(suite: string): string[] {
  return lines(`${FOLDER}/cases/${suite}.txt`).filter((line) => !line.startsWith('#'));
}

/** The opcode table as it was measured. */
export function goldenScopes(): {
  op: string;
  name: string;
  v2: MeasuredScopes;
  'v6.15': MeasuredScopes;
  mainline: MeasuredScopes;
}[] {
  return JSON.parse(readFileSync(`${FOLDER}/opcode-scopes.json`, 'utf8'));
}

/** Scopes, or scopes by `op_mod N`. */
export type MeasuredScopes = number[] | Record<string, number[]>;

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}
