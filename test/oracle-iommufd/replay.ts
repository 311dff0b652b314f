/**
 * Runs iox, the C program that recorded the kernels, against the emulator on a real transport, and compares.
 *
 *     node DIST/test/oracle-iommufd/replay.js fuse|cuse|cuse-retry|there [KERNEL...] [--only SUITE] [--verbose N]
 *
 * As root. $IOX_PACE makes all pauses and delays so many times as long. $FWCTL_IOX is the program; built into
 * build/c/iox where it is not given. Exit status 1: something differs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  caseFile,
  type GoldenRecord,
  goldenRecords,
  KERNELS,
  type RecordedKernel,
} from '../conformance/iommufd/golden.ts';
import { RECORDED_ARCH, withoutLargeFile } from '../oracle/large-file.ts';
import { repository } from '../repository.ts';
import { type Difference, differences, exactDifferences } from './compare.ts';
import { CAP_SYS_RESOURCE, exceptions, hasCapability } from './expected.ts';
import { type Served, serve, TRANSPORTS, type Transport } from './serve.ts';
import { expectedSection } from './vfs-differences.ts';

/** iox's own sections: how a file system's file differs from a character device is the table of vfs-differences.ts. */
const SECTIONS = ['vfs', 'ioctlnr'];

interface Options {
  readonly transport: Transport;
  readonly kernels: readonly RecordedKernel[];
  readonly only: string | undefined;
  /** Differences shown of each file. */
  readonly shown: number;
}

function parse(words: readonly string[]): Options {
  const value = (name: string) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
  const transport = TRANSPORTS.find((name) => name === words[0]);
  if (transport === undefined) throw new Error(`${TRANSPORTS.join(', ')}?`);
  const named = KERNELS.filter((kernel) => words.includes(kernel.kernel));
  return {
    transport,
    kernels: named.length > 0 ? named : KERNELS,
    only: value('--only'),
    shown: Number(value('--verbose') ?? 10),
  };
}

function program(): string {
  const given = process.env.FWCTL_IOX;
  if (given !== undefined) return given;
  const path = join(repository, 'build/c/iox');
  const sources = ['iox.c', 'vfs.c'].map((name) => join(repository, 'test/oracle-iommufd', name));
  if (existsSync(path) && sources.every((source) => statSync(source).mtimeMs < statSync(path).mtimeMs)) return path;
  mkdirSync(join(repository, 'build/c'), { recursive: true });
  const flags = ['-O1', '-w', '-static', '-pthread', '-o', path];
  const run = spawnSync('gcc', [...flags, ...sources], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`gcc: ${run.stderr}`);
  return path;
}

function iox(path: string, served: Served, output: string, words: readonly string[]): Promise<GoldenRecord[]> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, ...served.environment };
    const child = spawn(path, ['-o', output, ...words], { env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', () => {
      const lines = readFileSync(output, 'utf8').split('\n').filter(Boolean);
      resolve(lines.map((line) => JSON.parse(line)));
    });
  });
}

/** Sequences in which a fault queue was asked for. */
function faultQueues(golden: readonly GoldenRecord[]): ReadonlySet<string> {
  const asked = golden.filter((record) => record.op?.includes('FAULT_ALLOC') && /^(OK|EFAULT)$/.test(`${record.err}`));
  return new Set(asked.map((record) => sequenceOf(record)));
}

function sequenceOf(record: GoldenRecord): string {
  return record.id.slice(0, record.id.lastIndexOf('/'));
}

function show({ golden, emulated }: Difference): void {
  const { id, op, path, ...answer } = golden;
  const { id: _id, op: _op, path: _path, ...other } = emulated ?? { id: '' };
  console.log(
    `    ${id} ${op ?? path ?? ''}\n      golden   ${JSON.stringify(answer)}\n      emulated ${JSON.stringify(other)}`,
  );
}

function levelled(record: GoldenRecord, arch: string): GoldenRecord {
  return / F_GETFL$/.test(record.id) ? { ...record, ret: withoutLargeFile(Number(record.ret), arch) } : record;
}

/** `there` is a view of FUSE: its node is where the kernel has it. */
function sectionDifferences(
  section: string,
  golden: readonly GoldenRecord[],
  records: readonly GoldenRecord[],
  kernel: RecordedKernel,
  transport: Transport,
  served: Served,
): Difference[] {
  const wanted = golden.map((record) => levelled(record, RECORDED_ARCH));
  const have = new Map(records.map((record) => [record.id, levelled(record, process.arch)]));
  const circumstances = {
    transport: transport === 'there' ? 'fuse' : transport,
    kernel,
    node: served.environment.IOX_DEV ?? '',
    sysResource: hasCapability(CAP_SYS_RESOURCE),
  } as const;
  return exactDifferences(expectedSection(section, wanted, have, circumstances), have);
}

async function replay(options: Options): Promise<number> {
  const path = program();
  const known = exceptions(options.transport);
  let wrong = 0;
  for (const kernel of options.kernels) {
    const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-iox-'));
    const served = serve(kernel, options.transport, scratch);
    try {
      const sections = kernel.kernel === 'mainline-thp' ? [] : SECTIONS;
      for (const suite of [...kernel.suites, ...sections]) {
        if (options.only !== undefined && options.only !== suite) continue;
        const words = sections.includes(suite) ? [suite] : ['run', caseFile(suite)];
        const golden = goldenRecords(kernel.kernel, suite);
        const records = await iox(path, served, join(scratch, 'out'), words);
        const found = sections.includes(suite)
          ? sectionDifferences(suite, golden, records, kernel, options.transport, served)
          : differences(golden, records);
        const queues = faultQueues(golden);
        const expected = new Map<string, number>();
        const bad = found.filter((difference) => {
          const faultQueue = queues.has(sequenceOf(difference.golden));
          const reason = known.find((exception) => exception.matches(difference, faultQueue))?.reason;
          if (reason !== undefined) expected.set(reason, (expected.get(reason) ?? 0) + 1);
          return reason === undefined;
        });
        console.log(`${options.transport} ${kernel.kernel} ${suite}: ${golden.length} records, ${bad.length} differ`);
        for (const [reason, count] of expected) console.log(`    ${count} as expected: ${reason}`);
        for (const difference of bad.slice(0, options.shown)) show(difference);
        wrong += bad.length;
      }
    } finally {
      served.close();
      rmSync(scratch, { recursive: true, force: true });
    }
    for (const bug of served.bugs) console.log('bug:', bug);
    wrong += served.bugs.length;
  }
  return wrong;
}

replay(parse(process.argv.slice(2))).then((wrong) => process.exit(wrong > 0 ? 1 : 0));
