/** Several clients and the server on one CPU: latency, and the server's CPU time a call, beside the C reference. */
import { ISSI } from './cases.ts';
import { client } from './latency.ts';
import { row, type TableRow } from './report.ts';
import type { Server } from './servers.ts';
import { median, pairedRatio } from './stats.ts';

const CLIENTS = [1, 4, 16];
/** The client's warm-up, by its calls that count: bench-client.c. */
const WARM_UP = 1.1;

interface Round {
  readonly p50: number;
  readonly p99: number;
  /** CPU time of all threads of the server, ns a call. */
  readonly cpu: number;
}

function round(server: Server, clients: number, cpu: number, ms: number): Round {
  const before = server.cpuTime();
  const { count, p50, p99 } = client(ISSI, ['--cpu', String(cpu), '--clients', String(clients)], [server.device], ms);
  return { p50, p99, cpu: (server.cpuTime() - before) / (count * WARM_UP) };
}

export function crowdRows(subject: Server, reference: Server, cpu: number, rounds: number, ms: number): TableRow[] {
  for (const server of [subject, reference]) server.pin(cpu);
  return CLIENTS.flatMap((clients) => {
    const ours: Round[] = [];
    const theirs: Round[] = [];
    for (let i = 0; i < rounds; i++) {
      ours.push(round(subject, clients, cpu, ms));
      theirs.push(round(reference, clients, cpu, ms));
    }
    const of = (list: readonly Round[], key: keyof Round) => list.map((one) => one[key]);
    const line = (name: string, title: string, middle: keyof Round, high: keyof Round) =>
      row({
        name: `crowd-${clients}/${name}`,
        title,
        unit: 'us',
        p50: median(of(ours, middle)) / 1000,
        p99: median(of(ours, high)) / 1000,
        reference: median(of(theirs, middle)) / 1000,
        ratio_p50: pairedRatio(of(ours, middle), of(theirs, middle)),
        ratio_p99: pairedRatio(of(ours, high), of(theirs, high)),
        note: 'one CPU',
      });
    const who = clients === 1 ? 'one client' : `${clients} clients`;
    return [
      line('call', `RPC 16 B in, 112 B out, ${who}`, 'p50', 'p99'),
      line('cpu', `CPU time of the server for it, ${who}`, 'cpu', 'cpu'),
    ];
  });
}
