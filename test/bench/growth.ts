/**
 * How latency and rate grow with devices, open files, payload and
 * clients: the curves of docs/growth.svg, and rows for what is promised.
 */
import { ISSI, registerRead } from './cases.ts';
import { client, sample } from './latency.ts';
import { plugRows, sysfsRow } from './plugs.ts';
import { row, type TableRow } from './report.ts';
import { emulator, REFERENCE, Server, type ServerKind } from './servers.ts';
import { startUps } from './start-up.ts';
import { median, pairedRatio, type Sample } from './stats.ts';
import type { Chart, Curve } from './svg.ts';
import { viewScaleRows } from './view-scale.ts';

export interface GrowthPlan {
  readonly rounds: number;
  readonly ms: number;
  readonly devices: readonly number[];
  readonly files: readonly number[];
  readonly payloads: readonly number[];
  readonly clients: readonly number[];
  /** The CPU of server and client where both are on one, and all CPUs as taskset(1) writes them. */
  readonly cpu: number;
  readonly cpus: string;
}

export const FULL = {
  devices: [1, 16, 256, 1024, 4096],
  files: [1, 100, 1000, 10_000],
  payloads: [16, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 2_097_152],
  clients: [1, 2, 4, 16, 64],
};
export const QUICK = { devices: [1, 64], files: [1, 100], payloads: [16, 65_536], clients: [1, 4] };

export interface Growth {
  readonly charts: readonly Chart[];
  readonly rows: readonly TableRow[];
}

const us = (samples: readonly Sample[]) => median(samples.map(({ p50 }) => p50)) / 1000;
const p50s = (samples: readonly Sample[]) => samples.map(({ p50 }) => p50);

/** Memory counts when the server has had a moment to settle. */
const SETTLE_MS = 1500;
const settle = () => new Promise((done) => setTimeout(done, SETTLE_MS));

export async function growth(plan: GrowthPlan): Promise<Growth> {
  const one = await Server.start(emulator('fwctl-emu'));
  const reference = await Server.start(REFERENCE);
  try {
    await settle();
    const devices = await overDevices(plan, one);
    const payload = overPayload(plan, one, reference);
    const clients = await overClients(plan, reference);
    return {
      charts: [devices.chart, devices.filesChart, payload, clients.chart],
      rows: [...devices.rows, ...clients.rows, ...readyRows(plan)],
    };
  } finally {
    await one.stop();
    await reference.stop();
  }
}

async function overDevices(plan: GrowthPlan, one: Server) {
  const curve: (readonly [number, number])[] = [];
  const most = plan.devices.at(-1) ?? 1;
  const fewBytes = one.residentBytes();
  let ratio = Number.NaN;
  let bytes = Number.NaN;
  let files: Awaited<ReturnType<typeof overFiles>> | undefined;
  let plugs: readonly TableRow[] = [];
  for (const count of plan.devices) {
    const server = count === 1 ? one : await Server.start(emulator(`${count} devices`, count));
    try {
      if (count === most) {
        await settle();
        bytes = (server.residentBytes() - fewBytes) / (count - 1);
      }
      const [many, few] = interleaved(plan, server, one);
      curve.push([count, us(many)]);
      if (count === most) {
        ratio = pairedRatio(p50s(many), p50s(few));
        files = await overFiles(plan, server, one, count);
        plugs = await plugRows(server, one, count);
      }
    } finally {
      if (server !== one) await server.stop();
    }
  }
  const value = curve.at(-1)?.[1] ?? Number.NaN;
  const reference = curve[0]?.[1] ?? Number.NaN;
  const numbers = { p50: value, p99: value, reference, ratio_p50: ratio, ratio_p99: ratio };
  return {
    chart: chart('Latency over devices', 'devices in one server', [{ name: 'fwctl-emu', points: curve }]),
    filesChart: chart('Latency over open files', `open files, on ${most} devices`, [
      { name: 'fwctl-emu', points: files?.curve ?? [] },
    ]),
    rows: [
      row({ name: 'devices', title: `RPC with ${most} devices`, unit: 'us', ...numbers, note: 'beside: one device' }),
      bytesRow('device-memory', 'memory for each further device', bytes),
      ...(files?.rows ?? []),
      ...plugs,
      sysfsRow(most),
      ...(await viewScaleRows(most)),
    ],
  };
}

async function overFiles(plan: GrowthPlan, server: Server, one: Server, devices: number) {
  const nodes = Array.from({ length: devices }, (_, number) => server.node(number));
  const curve: (readonly [number, number])[] = [];
  let ratio = Number.NaN;
  let last = Number.NaN;
  for (const held of plan.files) {
    const many: Sample[] = [];
    const few: Sample[] = [];
    for (let round = 0; round < plan.rounds; round++) {
      many.push(client(ISSI, ['--cpu', String(plan.cpu), '--hold', String(held)], nodes, plan.ms));
      few.push(sample(ISSI, one.device, plan.ms, plan.cpu));
    }
    last = us(many);
    ratio = pairedRatio(p50s(many), p50s(few));
    curve.push([held, last]);
  }
  const most = plan.files.at(-1) ?? 1;
  const numbers = { p50: last, p99: last, reference: last / ratio, ratio_p50: ratio, ratio_p99: ratio };
  const title = `RPC with ${devices} devices, ${most} open files`;
  return {
    curve,
    rows: [
      row({ name: 'files', title, unit: 'us', ...numbers, note: 'beside: one device, one file' }),
      bytesRow('file-memory', 'memory for each open file', await bytesOfFile(server, nodes, most, plan)),
    ],
  };
}

/** Twice as many files as before, so that what had been reserved for the first ones counts once. */
async function bytesOfFile(server: Server, nodes: readonly string[], files: number, plan: GrowthPlan): Promise<number> {
  await settle();
  const before = server.residentBytes();
  const holding = server.hold(nodes, files, plan.cpu);
  await holding.ready;
  await settle();
  const after = server.residentBytes();
  holding.end();
  return Math.max(0, (after - before) / files);
}

function overPayload(plan: GrowthPlan, one: Server, reference: Server): Chart {
  const ours: (readonly [number, number])[] = [];
  const theirs: (readonly [number, number])[] = [];
  for (const bytes of plan.payloads) {
    const what = bytes < 112 ? ISSI : registerRead(bytes);
    const [many, few] = interleaved(plan, one, reference, what);
    ours.push([bytes, us(many)]);
    theirs.push([bytes, us(few)]);
  }
  return chart('Latency over payload', 'bytes in and out', [
    { name: 'fwctl-emu', points: ours },
    { name: REFERENCE.name, points: theirs },
  ]);
}

async function overClients(plan: GrowthPlan, reference: Server): Promise<{ chart: Chart; rows: TableRow[] }> {
  const kinds: readonly ServerKind[] = [emulator('fwctl-emu', 4), emulator('--spin-us 50', 4, ['--spin-us', '50'])];
  const servers: Server[] = [];
  try {
    for (const kind of kinds) servers.push(await Server.start(kind));
    const all = [...servers, reference];
    for (const server of all) server.unpin(plan.cpus);
    const curves = all.map(({ kind }) => ({ name: kind.name, points: [] as (readonly [number, number])[] }));
    const rows: TableRow[] = [];
    for (const count of plan.clients) {
      const rates = all.map((): number[] => []);
      for (let round = 0; round < plan.rounds; round++) {
        all.forEach((server, i) => {
          const nodes = server === reference ? [server.device] : [0, 1, 2, 3].map((number) => server.node(number));
          rates[i]?.push(client(ISSI, ['--clients', String(count)], nodes, plan.ms).rate);
        });
      }
      curves.forEach(({ points }, i) => {
        points.push([count, median(rates[i] ?? [])]);
      });
      const theirs = rates.at(-1) ?? [];
      servers.forEach(({ kind }, i) => {
        const ours = rates[i] ?? [];
        const ratio = pairedRatio(ours, theirs);
        const numbers = { p50: median(ours), p99: median(ours), reference: median(theirs) };
        const title = `${count} clients on 4 devices, ${kind.name}`;
        const name = `clients-${count}/${kind.name}`;
        rows.push(row({ name, title, unit: '1/s', ...numbers, ratio_p50: ratio, ratio_p99: ratio, note: 'all CPUs' }));
      });
    }
    return { chart: { title: 'Rate over clients', x: 'client processes', y: 'calls/s', curves }, rows };
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** All devices in service, beside a bare Node: what it takes over that is `p50` less `reference`. */
function readyRows(plan: GrowthPlan): TableRow[] {
  const count = plan.devices.at(-1) ?? 1;
  const { node, servers } = startUps([emulator(`${count} devices`, count)], plan.rounds);
  const ours = servers[0] ?? [];
  const ratio = pairedRatio(ours, node);
  const numbers = { p50: median(ours) / 1e6, p99: median(ours) / 1e6, reference: median(node) / 1e6 };
  const note = 'beside: node -e 0';
  const title = `start to first open, ${count} devices`;
  return [row({ name: 'startup-devices', title, unit: 'ms', ...numbers, ratio_p50: ratio, ratio_p99: ratio, note })];
}

function interleaved(plan: GrowthPlan, first: Server, second: Server, what = ISSI): [Sample[], Sample[]] {
  const results: [Sample[], Sample[]] = [[], []];
  for (const server of [first, second]) server.pin(plan.cpu);
  for (let round = 0; round < plan.rounds; round++) {
    results[0].push(sample(what, first.device, plan.ms, plan.cpu));
    if (first === second) results[1].push(results[0].at(-1) as Sample);
    else results[1].push(sample(what, second.device, plan.ms, plan.cpu));
  }
  return results;
}

function bytesRow(name: string, title: string, bytes: number): TableRow {
  const none = { reference: Number.NaN, ratio_p50: Number.NaN, ratio_p99: Number.NaN };
  return row({ name, title, unit: 'B', p50: bytes, p99: bytes, ...none, note: 'resident' });
}

function chart(title: string, x: string, curves: readonly Curve[]): Chart {
  return { title, x, y: 'p50, us', curves };
}
