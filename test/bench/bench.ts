/**
 * `make bench`: the emulator against a C server that does the same copies (test/c/ref-libfuse.c), in one run:
 * interleaved rounds, pinned, paired medians. Prints a table and writes build/bench.json.
 *
 *   node dist/test/bench/bench.js [--quick] [--rounds N] [--ms N] [--only CASE,...] [--no-growth] [--out FILE]
 *                                 [--svg FILE] [--subject emulator|reference]
 *
 * Beside the cases of cases.ts, those of the other drivers between servers of their own: the plain path and
 * --spin-us 50, the peers (peers.ts), and growth (growth.ts) with its curves in docs/growth.svg. `--subject reference`
 * measures the C server against itself: what this machine's noise does to a ratio. It runs in a mount namespace of its
 * own (and, when not root, a user namespace), so that no mount outlives it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../repository.ts';
import { CASES, type Case, DRIVER_CASES, ISSI, registerRead } from './cases.ts';
import { crowdRows } from './crowd.ts';
import { FULL, growth, QUICK } from './growth.ts';
import { iommufdRows } from './iommufd.ts';
import { type Placement, placements, rounds, sample } from './latency.ts';
import { floor, umockdev } from './peers.ts';
import { row, type TableRow, toJson, toTable } from './report.ts';
import {
  EMULATOR,
  emulator,
  PLAIN,
  REFERENCE,
  reference,
  Server,
  type ServerKind,
  SPINNING,
  TRUSTING,
} from './servers.ts';
import { runStartUps, startUps } from './start-up.ts';
import { median, pairedRatio, percentile, type Sample } from './stats.ts';
import { svg } from './svg.ts';

const MIB = 1024 * 1024;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    ms: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string', default: join(repository, 'build/bench.json') },
    svg: { type: 'string' },
    'no-growth': { type: 'boolean', default: false },
    subject: { type: 'string', default: 'emulator' },
  },
});

function latencies(servers: readonly [Server, Server], where: Placement, count: number, ms: number): TableRow[] {
  const only = options.only?.split(',');
  const cases = CASES.filter((what) => only === undefined || only.includes(what.name));
  return latencyRows(cases, servers, where, count, ms, '');
}

/** `suffix` tells the rows of a second subject from those of the first. */
function latencyRows(
  cases: readonly Case[],
  servers: readonly [Server, Server],
  where: Placement,
  count: number,
  ms: number,
  suffix: string,
): TableRow[] {
  return cases.map((what) => {
    const [ours = [], theirs = []] = rounds(what, where, servers, count, ms);
    const status = ours.at(-1)?.status ?? -1;
    return row({
      name: `${what.name}/${where.name}${suffix}`,
      title: `${what.title}, ${where.name} CPU${suffix}`,
      unit: 'us',
      p50: median(ours.map((s) => s.p50)) / 1000,
      p99: median(ours.map((s) => s.p99)) / 1000,
      reference: median(theirs.map((s) => s.p50)) / 1000,
      ratio_p50: pairedRatio(
        ours.map((s) => s.p50),
        theirs.map((s) => s.p50),
      ),
      ratio_p99: pairedRatio(
        ours.map((s) => s.p99),
        theirs.map((s) => s.p99),
      ),
      note: status > 0 ? `firmware status 0x${status.toString(16)}` : '',
    });
  });
}

/** The drivers' cases, each between servers of its own. */
async function driverLatencies(count: number, ms: number): Promise<TableRow[]> {
  const only = options.only?.split(',');
  const rows: TableRow[] = [];
  for (const what of DRIVER_CASES.filter(({ name }) => only === undefined || only.includes(name))) {
    const servers: Server[] = [];
    try {
      for (const kind of [emulator(EMULATOR.name, 1, ['--device', what.device]), reference(what.buffers)])
        servers.push(await Server.start(kind));
      for (const where of placements())
        rows.push(...latencyRows([what], servers as [Server, Server], where, count, ms, ''));
    } finally {
      for (const server of servers) await server.stop();
    }
  }
  return rows;
}

function memory(subject: Server, reference: Server): TableRow {
  const [ours, theirs] = [subject.residentBytes() / MIB, reference.residentBytes() / MIB];
  const ratio = ours / theirs;
  const numbers = { p50: ours, p99: ours, reference: theirs, ratio_p50: ratio, ratio_p99: ratio };
  return row({
    name: 'resident-memory',
    title: 'resident memory, after the rounds',
    unit: 'MiB',
    ...numbers,
    note: '',
  });
}

function startUp(subject: ServerKind, count: number): TableRow {
  const { node, servers } = startUps([subject], count);
  return startUpRow('startup', 'start to first open', servers[0] ?? [], node);
}

/** `run` to the first open of the command, beside a bare Node. */
function runStartUp(count: number): TableRow {
  const { node, runs } = runStartUps(count);
  return startUpRow('startup-run', 'run: start to first open', runs, node);
}

/** Times in nanoseconds. */
function startUpRow(name: string, title: string, ours: readonly number[], node: readonly number[]): TableRow {
  return row({
    name,
    title,
    unit: 'ms',
    p50: median(ours) / 1e6,
    p99: percentile(ours, 0.99) / 1e6,
    reference: median(node) / 1e6,
    ratio_p50: pairedRatio(ours, node),
    ratio_p99: percentile(ours, 0.99) / percentile(node, 0.99),
    note: 'reference: node -e 0',
  });
}

/** Other kinds of the emulator, each beside the reference alone. */
async function variants(
  reference: Server,
  places: readonly Placement[],
  count: number,
  ms: number,
): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for (const [kind, where] of [
    [PLAIN, places[0]],
    [TRUSTING, places[0]],
    [SPINNING, places[0]],
    [SPINNING, places[1]],
  ] as const) {
    if (where === undefined) continue;
    const server = await Server.start(kind);
    try {
      rows.push(...latencyRows([ISSI, registerRead(1040)], [server, reference], where, count, ms, `, ${kind.name}`));
    } finally {
      await server.stop();
    }
  }
  return rows;
}

/** Peers in turns with the emulator: ratios are theirs to ours. */
function peers(ours: Server, where: Placement, count: number, ms: number): TableRow[] {
  ours.pin(where.serverCpu);
  const found: { readonly name: string; readonly title: string; run(): Sample | undefined }[] = [
    { name: 'floor', title: 'ioctl(/dev/null), no server', run: () => floor(ms, where.clientCpu) },
    { name: 'umockdev', title: 'umockdev, a handler that does nothing', run: () => umockdev(ms, where.clientCpu) },
  ];
  return found.flatMap(({ name, title, run }) => {
    const theirs: Sample[] = [];
    const emulated: Sample[] = [];
    for (let round = 0; round < count; round++) {
      const sampled = run();
      if (sampled === undefined) {
        console.log(`${name}: skipped, it is not installed`);
        return [];
      }
      theirs.push(sampled);
      emulated.push(sample(ISSI, ours.device, ms, where.clientCpu));
    }
    const times = (key: 'p50' | 'p99', list: readonly Sample[]) => list.map((one) => one[key]);
    return row({
      name: `peer-${name}/${where.name}`,
      title,
      unit: 'us',
      p50: median(times('p50', theirs)) / 1000,
      p99: median(times('p99', theirs)) / 1000,
      reference: median(times('p50', emulated)) / 1000,
      ratio_p50: pairedRatio(times('p50', theirs), times('p50', emulated)),
      ratio_p99: pairedRatio(times('p99', theirs), times('p99', emulated)),
      note: `beside: ${ours.kind.name}`,
    });
  });
}

async function bench(): Promise<void> {
  const count = Number(options.rounds ?? (options.quick ? 3 : 15));
  const ms = Number(options.ms ?? (options.quick ? 20 : 250));
  const subject = options.subject === 'reference' ? { ...REFERENCE, name: 'C again' } : EMULATOR;
  const started: Server[] = [];
  const rows: TableRow[] = [];
  const interrupted = () => {
    for (const server of started) server.kill();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  try {
    for (const kind of [subject, REFERENCE]) started.push(await Server.start(kind));
    const [ours, theirs] = started as [Server, Server];
    const places = placements();
    for (const where of places) rows.push(...latencies([ours, theirs], where, count, ms));
    if (places.length < 2) console.log('cross: skipped, this process may use one CPU only');
    rows.push(memory(ours, theirs));
    const [where] = places;
    if (subject === EMULATOR && where !== undefined) {
      rows.push(...crowdRows(ours, theirs, where.serverCpu, count, ms));
      rows.push(...(await variants(theirs, places, count, ms)), ...peers(ours, where, count, ms));
    }
  } finally {
    for (const server of started) await server.stop();
  }
  if (subject === EMULATOR) rows.push(...(await driverLatencies(count, ms)));
  rows.push(startUp(subject, count));
  if (subject === EMULATOR) {
    rows.push(runStartUp(count));
    if (!options['no-growth']) rows.push(...(await grow(count, ms)));
  }
  console.log(`${count} rounds of ${ms} ms, Node ${process.version}\n`);
  console.log(toTable(subject.name, REFERENCE.name, rows));
  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(options.out, toJson(rows));
  console.log(`\nwritten: ${options.out}`);
}

async function grow(count: number, ms: number): Promise<readonly TableRow[]> {
  const places = placements();
  const cpu = places[0]?.serverCpu ?? 0;
  const cpus = [...new Set(places.flatMap(({ serverCpu, clientCpu }) => [serverCpu, clientCpu]))].join(',');
  const sizes = options.quick ? QUICK : FULL;
  const { rows, charts } = await growth({ rounds: Math.ceil(count / 3), ms, ...sizes, cpu, cpus });
  const file = options.svg ?? (options.quick ? undefined : join(repository, 'docs/growth.svg'));
  if (file !== undefined) writeFileSync(file, svg(charts));
  return [...rows, ...iommufdRows(cpu, options.quick ? 4 : 40)];
}

/** This program again, in namespaces of its own. */
function inside(): number {
  const flags = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const args = [...flags, process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const run = spawnSync('unshare', args, { stdio: 'inherit', env: { ...process.env, FWCTL_BENCH_INSIDE: '1' } });
  return run.status ?? 1;
}

const lacking = ['ref-libfuse', 'bench-client', 'bench-start', 'iommu-bench'].filter(
  (name) => !existsSync(join(repository, 'build/c', name)),
);
if (lacking.length > 0) {
  console.error(`bench: build/c/${lacking.join(', build/c/')} not built (make build; ref-libfuse needs libfuse3-dev)`);
  process.exitCode = 1;
} else if (process.env.FWCTL_BENCH_INSIDE === undefined) {
  process.exitCode = inside();
} else {
  await bench().catch((error: unknown) => {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  });
}
