/**
 * Clients at full speed while everything goes wrong: faults by chance, the device unplugged and plugged at random, the
 * trace on. Asked of the emulator: no wrong answer, no stuck client, nothing left over. `scripts/stress` makes the full
 * run.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/host/interceptors/faults/random.ts';
import { type Calling, delay, inScratch, type Server, stressClient, withServer } from './server.ts';

export interface StressOptions {
  readonly clients: number;
  /** RPCs of each client. */
  readonly rpcs: number;
  readonly seed: number;
  /** Mean time between unplug and unplug, ms. */
  readonly unplugMs: number;
  /** `cuse` is for a machine of its own: it takes /dev/fwctl. Default: fuse. */
  readonly transport?: 'fuse' | 'cuse';
}

export interface StressResult {
  readonly seconds: number;
  /** Sums over all clients. */
  readonly counts: Readonly<Record<'rpcs' | 'good' | 'eio' | 'refused' | 'gone' | 'opens' | 'wrong', number>>;
  /** Clients that did not end with status 0, with how they ended. */
  readonly bad: readonly string[];
  readonly unplugs: number;
  /** Of the emulator, when all clients had ended. */
  readonly openFiles: number;
  readonly held: number;
  /** Resident memory, MB: after a tenth of the time, and at the end. */
  readonly rssEarlyMb: number;
  readonly rssMb: number;
  readonly traceMb: number;
  /** RPCs in the trace; those that the clients have made, if it missed none. */
  readonly traced: number;
  /** Of `serve`, on SIGTERM. */
  readonly status: number | null;
  /** Whether mount or nodes are gone. */
  readonly clean: boolean;
}

const FAULTS = [
  'rpc:probability=1%:seed=1:error=EIO',
  'rpc:probability=1%:seed=2:status=BAD_PARAM:syndrome=0x5eeb5',
  'rpc:probability=0.2%:seed=3:delay=2ms',
  'open:probability=5%:seed=4:error=EIO',
  'open:probability=5%:seed=5:delay=3ms',
];

export function stress(options: StressOptions): Promise<StressResult> {
  return inScratch((place) => {
    const trace = join(place, 'trace.log');
    const words = [`--trace=${trace}`, ...FAULTS.flatMap((fault) => ['--fault', fault])];
    const { transport = 'fuse' } = options;
    return withServer(place, { transport, words }, (server) => run(options, server, trace));
  });
}

async function run(
  { clients, rpcs, seed, unplugMs }: StressOptions,
  { directory, call, stop }: Server,
  trace: string,
): Promise<StressResult> {
  const started = performance.now();
  let ended = false;
  const running = Array.from({ length: clients }, () => stressClient(join(directory, 'fwctl0'), rpcs));
  const ends = Promise.all(running).finally(() => {
    ended = true;
  });
  const random = seededRandom(seed);
  let unplugs = 0;
  let rssEarlyMb = 0;
  while (!ended) {
    await delay(unplugMs * 2 * random());
    if (ended) break;
    await call('/v1/devices/{device}', 'DELETE', { device: 'fwctl0' });
    unplugs++;
    await delay(5 * random());
    await plugAgain(call);
    if (rssEarlyMb === 0 && unplugs >= 20) rssEarlyMb = await rssOf(call);
  }
  const results = await ends;
  const seconds = (performance.now() - started) / 1000;
  // Releases come after the close, without anybody waiting for them.
  await delay(200);
  const stats = (await call('/v1/stats', 'GET')) as Stats;
  const sum = (key: string): number => results.reduce((total, { counts }) => total + (counts[key] ?? 0), 0);
  const { status, clean } = await stop();
  return {
    seconds,
    counts: Object.fromEntries(
      ['rpcs', 'good', 'eio', 'refused', 'gone', 'opens', 'wrong'].map((key) => [key, sum(key)]),
    ) as StressResult['counts'],
    bad: results.filter(({ how }) => how !== '0').map(({ how }) => how),
    unplugs,
    openFiles: stats.devices.reduce((total, device) => total + device.open_files, 0),
    held: stats.devices.reduce((total, device) => total + device.held, 0),
    rssEarlyMb,
    rssMb: stats.memory.rss / 1e6,
    traceMb: statSync(trace).size / 1e6,
    traced: Number(spawnSync('grep', ['-c', ' RPC ', trace], { encoding: 'utf8' }).stdout),
    status,
    clean,
  };
}

/** The number is free when the last orphan is closed: until then the device would come back as fwctl1. */
async function plugAgain(call: Calling): Promise<void> {
  for (;;) {
    const { plugged } = (await call('/v1/devices', 'POST', { spec: 'connectx6dx' })) as { plugged: { name: string }[] };
    const name = plugged[0]?.name ?? '';
    if (name === 'fwctl0') return;
    await call('/v1/devices/{device}', 'DELETE', { device: name });
    await delay(2);
  }
}

interface Stats {
  readonly devices: readonly { readonly open_files: number; readonly held: number }[];
  readonly memory: { readonly rss: number };
}

async function rssOf(call: Calling): Promise<number> {
  return ((await call('/v1/stats', 'GET')) as Stats).memory.rss / 1e6;
}
