/** What drvx is run with on a driver's devices, and what they answered when they were recorded. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { GoldenRecord } from '../conformance/golden.ts';
import type { Section } from '../oracle/sections.ts';
import { repository } from '../repository.ts';

const FOLDER = join(repository, 'test/golden/drivers');

export interface DriverSection extends Section {
  readonly driver: string;
  /** Case file, unpacked and appended to `args`. */
  readonly cases?: string;
  /** drvx's first device is the mock's second. */
  readonly second?: boolean;
  wanted(): GoldenRecord[];
}

const recorded = (driver: string) => lines(unpacked(`${driver}.jsonl`));

/** Every request number, zeros behind it, 24 bytes long, in six scopes: see drvx.c, cmd_scan(). */
const SCAN = {
  driver: 'bnxt',
  args: ['scan', '24', '0', '2', '0', '0xffff', '-1'],
  // 65,536 x 6 calls: half a minute over FUSE
  transports: ['fuse'],
  limitSeconds: 1800,
} as const;

/** Of a driver's cases those whose names begin so: what depends most on how a caller's memory is reached. */
const PARTS = { pds: 'p', bnxt: 'dmaptr' } as const;

export const DRIVER_SECTIONS: readonly DriverSection[] = [
  ...['pds', 'bnxt', 'cxl'].map((driver) => ({
    name: driver,
    driver,
    args: ['run'],
    cases: `${driver}.txt`,
    wanted: () => recorded(driver),
  })),
  ...Object.entries(PARTS).map(([driver, prefix]) => ({
    name: `${driver}-part`,
    driver,
    args: ['-k', prefix, 'run'],
    cases: `${driver}.txt`,
    transports: [],
    wanted: () => recorded(driver).filter(({ id }) => String(id).startsWith(prefix)),
  })),
  {
    ...SCAN,
    name: 'bnxt-scan',
    wanted: () => lines(readFileSync(join(FOLDER, 'bnxt-scan.jsonl'), 'utf8')),
  },
  { ...SCAN, name: 'bnxt-scan-7.2', second: true, wanted: () => scanBy('bnxt-rules-7.2.json') },
];

/** A file of the recording's folder that stands there packed. */
export function unpacked(name: string): string {
  return gunzipSync(readFileSync(join(FOLDER, `${name}.gz`))).toString('utf8');
}

function lines(text: string): GoldenRecord[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** What drvx prints of a device that lets through what the rules say, by scope, and nothing else. */
function scanBy(file: string): GoldenRecord[] {
  const { scope }: { scope: Record<string, [name: string, number: string][]> } = JSON.parse(
    readFileSync(join(FOLDER, file), 'utf8'),
  );
  const needs = new Map(
    Object.entries(scope).flatMap(([least, rows]) => rows.map(([, number]) => [Number(number), Number(least)])),
  );
  const records: { from: string; to: string; len: number; scopes: string[] }[] = [];
  for (let number = 0; number <= 0xffff; number++) {
    const least = needs.get(number) ?? Number.POSITIVE_INFINITY;
    const scopes = [...[0, 1, 2, 3].map((one) => (one < least ? 'EPERM' : 'OK')), 'EOPNOTSUPP', 'EPERM'];
    const last = records.at(-1);
    const to = `0x${number.toString(16)}`;
    if (last?.scopes.join() === scopes.join()) last.to = to;
    else records.push({ from: to, to, len: 24, scopes });
  }
  return records;
}
