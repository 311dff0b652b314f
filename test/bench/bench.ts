/**
 * `make bench`: the emulator against a C server that does the same copies (test/c/ref-libfuse.c), in one run: interleaved
 * rounds, pinned, paired medians. Prints a table and writes build/bench.json.
 *
 *   node dist/test/bench/bench.js [--quick] [--rounds N] [--ms N] [--only CASE,...] [--out FILE] [--subject emulator|reference]
 *
 * `--subject reference` measures the C server against itself: what this machine's noise does to a ratio. It runs in a mount
 * namespace of its own (and, when not root, a user namespace), so that no mount outlives it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../repository.ts';
import { CASES } from './cases.ts';
import { type Placement, placements, rounds } from './latency.ts';
import { row, type TableRow, toJson, toTable } from './report.ts';
import { EMULATOR, REFERENCE, Server, type ServerKind } from './servers.ts';
import { startUps } from './start-up.ts';
import { median, pairedRatio, percentile } from './stats.ts';

const MIB = 1024 * 1024;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    ms: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string', default: join(repository, 'build/bench.json') },
    subject: { type: 'string', default: 'emulator' },
  },
});

function latencies(servers: readonly [Server, Server], where: Placement, count: number, ms: number): TableRow[] {
  const only = options.only?.split(',');
  return CASES.filter((what) => only === undefined || only.includes(what.name)).map((what) => {
    const [ours = [], theirs = []] = rounds(what, where, servers, count, ms);
    const status = ours.at(-1)?.status ?? -1;
    return row({
      name: `${what.name}/${where.name}`,
      title: `${what.title}, ${where.name} CPU`,
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
  const ours = servers[0] ?? [];
  return row({
    name: 'startup',
    title: 'start to first open',
    unit: 'ms',
    p50: median(ours) / 1e6,
    p99: percentile(ours, 0.99) / 1e6,
    reference: median(node) / 1e6,
    ratio_p50: pairedRatio(ours, node),
    ratio_p99: percentile(ours, 0.99) / percentile(node, 0.99),
    note: 'reference: node -e 0',
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
  } finally {
    for (const server of started) await server.stop();
  }
  rows.push(startUp(subject, count));
  console.log(`${count} rounds of ${ms} ms, Node ${process.version}\n`);
  console.log(toTable(subject.name, REFERENCE.name, rows));
  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(options.out, toJson(rows));
  console.log(`\nwritten: ${options.out}`);
}

/** This program again, in namespaces of its own. */
function inside(): number {
  const flags = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const args = [...flags, process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const run = spawnSync('unshare', args, { stdio: 'inherit', env: { ...process.env, FWCTL_BENCH_INSIDE: '1' } });
  return run.status ?? 1;
}

const lacking = ['ref-libfuse', 'bench-client', 'bench-start'].filter(
  (name) => !existsSync(join(repository, 'build/c', name)),
);
if (lacking.length > 0) {
  console.error(`bench: build/c/${lacking.join(', build/c/')} not built (make build; ref-libfuse needs libfuse3-dev)`);
  process.exitCode = 1;
} else if (process.env['FWCTL_BENCH_INSIDE'] === undefined) {
  process.exitCode = inside();
} else {
  await bench().catch((error: unknown) => {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  });
}
