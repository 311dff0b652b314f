/** The recorded iommufd kernels: their cases, their answers, and which profile each stands for. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { IommufdAbiName } from '../../../src/abi/iommufd-profiles.ts';
import { repository } from '../../repository.ts';

const FOLDER = join(repository, 'test/conformance/iommufd');

export interface RecordedKernel {
  readonly kernel: 'rfc' | 'v3' | 'mainline' | 'mainline-thp';
  readonly abi: IommufdAbiName;
  readonly thp: boolean;
  /** The case files that it was asked. */
  readonly suites: readonly string[];
}

const SEED_SUITES = ['order', 'size', 'ids', 'mock', 'mockbad'];

export const KERNELS: readonly RecordedKernel[] = [
  { kernel: 'rfc', abi: 'iommufd-rfc', thp: false, suites: SEED_SUITES },
  { kernel: 'v3', abi: 'iommufd-v3', thp: false, suites: SEED_SUITES },
  {
    kernel: 'mainline',
    abi: 'linux-6.12',
    thp: false,
    suites: ['order', 'size', 'ids', 'cmdsize', 'ioas', 'hw', 'vfio'],
  },
  { kernel: 'mainline-thp', abi: 'linux-6.12', thp: true, suites: ['cmdsize', 'ioas', 'vfio'] },
];

export interface GoldenRecord {
  readonly id: string;
  readonly op?: string;
  readonly ms?: number;
  readonly [key: string]: unknown;
}

/** One sequence of a case file. */
export interface Sequence {
  readonly name: string;
  readonly lines: readonly string[];
}

/** The records of one file; mainline-thp's are mainline's where it has none of its own. */
export function goldenRecords(kernel: string, file: string): GoldenRecord[] {
  const own = join(FOLDER, 'golden', kernel, `${file}.jsonl.gz`);
  const path = existsSync(own) ? own : join(FOLDER, 'golden/mainline', `${file}.jsonl.gz`);
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

export function caseFile(suite: string): string {
  return join(FOLDER, 'cases', `${suite}.txt`);
}

export function sequences(suite: string): Sequence[] {
  const list: { name: string; lines: string[] }[] = [];
  for (const line of readFileSync(caseFile(suite), 'utf8').split('\n')) {
    const trimmed = line.trimStart();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (trimmed.startsWith('seq ')) list.push({ name: trimmed.slice(4), lines: [] });
    else list.at(-1)?.lines.push(trimmed);
  }
  return list;
}
