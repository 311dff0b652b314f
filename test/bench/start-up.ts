/** Time from starting a server to the first open of its device that succeeds, beside a bare Node's whole life. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../repository.ts';
import type { ServerKind } from './servers.ts';
import { shuffled } from './stats.ts';

/** One run of test/c/bench-start.c, ns. */
function start(args: readonly string[]): number {
  const run = spawnSync(join(repository, 'build/c/bench-start'), args, { encoding: 'utf8', timeout: 60_000 });
  if (run.status !== 0) throw new Error(`start-up: ${run.stderr?.trim() || run.error?.message || run.signal}`);
  return Number(run.stdout);
}

/** `node -e 0`, from start to exit, ns. */
function bareNode(): number {
  return start(['exit', process.execPath, '-e', '0']);
}

function toFirstOpen(kind: ServerKind): number {
  const directory = mkdtempSync(join(tmpdir(), 'fwctl-emu-start-'));
  try {
    return start(['open', join(directory, 'fwctl0'), ...kind.command(directory)]);
  } finally {
    spawnSync('umount', ['-l', directory], { stdio: 'ignore' });
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Interleaved runs: ns of the bare Node, and of each server. */
export function startUps(kinds: readonly ServerKind[], count: number): { node: number[]; servers: number[][] } {
  const node: number[] = [];
  const servers: number[][] = kinds.map(() => []);
  const runs = [() => node.push(bareNode()), ...kinds.map((kind, i) => () => servers[i]?.push(toFirstOpen(kind)))];
  for (let round = 0; round < count; round++) for (const run of shuffled(runs)) run();
  return { node, servers };
}

/** Interleaved runs of `run` with a command that opens the device and ends: ns to the open, and of the bare Node. */
export function runStartUps(count: number): { node: number[]; runs: number[] } {
  const node: number[] = [];
  const runs: number[] = [];
  const command = [join(repository, 'scripts/fwctl-emu'), 'run', '--', join(repository, 'build/c/bench-start')];
  const turns = [
    () => node.push(bareNode()),
    () => runs.push(start(['until', ...command, 'now', '/dev/fwctl/fwctl0'])),
  ];
  for (let round = 0; round < count; round++) for (const turn of shuffled(turns)) turn();
  return { node, runs };
}
