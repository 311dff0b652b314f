/** Interleaved rounds of one case in one placement, on all servers. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../repository.ts';
import type { Case } from './cases.ts';
import type { Server } from './servers.ts';
import { type Sample, shuffled } from './stats.ts';

export interface Placement {
  readonly name: string;
  readonly serverCpu: number;
  readonly clientCpu: number;
}

/** Client and server on one CPU, and on two where this process may use two. */
export function placements(): Placement[] {
  const allowed = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const cpus = allowed.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  const [a = 0, b] = cpus;
  const same = { name: 'same', serverCpu: a, clientCpu: a };
  return b === undefined ? [same] : [same, { name: 'cross', serverCpu: a, clientCpu: b }];
}

/** One run of the C client. Throws with what it said when a call failed. */
export function sample(what: Case, device: string, ms: number, cpu: number): Sample {
  return client(what, ['--cpu', String(cpu)], [device], ms);
}

/** The same with further options of the client, on several devices. */
export function client(what: Case, options: readonly string[], devices: readonly string[], ms: number): Sample {
  const args = [...what.client, '--ms', String(ms), ...options, ...devices];
  const run = spawnSync(join(repository, 'build/c/bench-client'), args, { encoding: 'utf8', timeout: ms + 60_000 });
  if (run.status !== 0) throw new Error(`${what.name}: ${run.stderr?.trim() || run.error?.message || run.signal}`);
  return JSON.parse(run.stdout) as Sample;
}

/** For each server its samples, one a round; in every round the servers take turns in a random order. */
export function rounds(
  what: Case,
  where: Placement,
  servers: readonly Server[],
  count: number,
  ms: number,
): Sample[][] {
  const results: Sample[][] = servers.map(() => []);
  for (const server of servers) server.pin(where.serverCpu);
  for (let round = 0; round < count; round++) {
    for (const server of shuffled(servers)) {
      results[servers.indexOf(server)]?.push(sample(what, server.device, ms, where.clientCpu));
    }
  }
  return results;
}
