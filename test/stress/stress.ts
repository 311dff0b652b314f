/**
 * Clients at full speed while everything goes wrong: faults by chance, the device unplugged and plugged at random, the
 * trace on. Asked of the emulator: no wrong answer, no stuck client, nothing left over. `scripts/stress` makes the full
 * run.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callMethod } from '../../src/control/client.ts';
import { METHODS } from '../../src/control/methods.ts';
import { seededRandom } from '../../src/host/interceptors/faults/random.ts';
import { repository } from '../repository.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
export const STRESS_CLIENT = join(repository, 'build/c/stress-client');

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

export async function stress(options: StressOptions): Promise<StressResult> {
  const { clients, rpcs, seed, unplugMs, transport = 'fuse' } = options;
  const place = mkdtempSync(join(tmpdir(), 'fwctl-emu-stress-'));
  const directory = transport === 'fuse' ? join(place, 'dev') : '/dev/fwctl';
  const [socket, trace] = [join(place, 'sock'), join(place, 'trace.log')];
  const words = [
    'serve',
    '--transport',
    transport,
    '--dev-dir',
    directory,
    '--control-socket',
    socket,
    `--trace=${trace}`,
  ];
  const server = spawn(
    process.execPath,
    [MAIN, ...words, '--log-level', 'error', ...FAULTS.flatMap((fault) => ['--fault', fault])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    await new Promise((resolve) => server.stdout.once('data', resolve));
    const call = async (path: string, http: string, values: Record<string, string> = {}): Promise<unknown> => {
      const method = METHODS.find((row) => row.path === path && row.http === http);
      if (method === undefined) throw new Error(`there is no method ${http} ${path}`);
      return callMethod(socket, method, values);
    };
    const started = performance.now();
    const running = Array.from({ length: clients }, () =>
      spawn(STRESS_CLIENT, [join(directory, 'fwctl0'), String(rpcs)], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    let ended = false;
    const ends = Promise.all(running.map(endOf)).finally(() => {
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
    const exited = new Promise<number | null>((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    const status = await exited;
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
      clean: !existsSync(directory),
    };
  } finally {
    server.kill('SIGKILL');
    rmSync(place, { recursive: true, force: true });
  }
}

type Calling = (path: string, http: string, values?: Record<string, string>) => Promise<unknown>;

interface Stats {
  readonly devices: readonly { readonly open_files: number; readonly held: number }[];
  readonly memory: { readonly rss: number };
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

async function rssOf(call: Calling): Promise<number> {
  return ((await call('/v1/stats', 'GET')) as Stats).memory.rss / 1e6;
}

async function endOf(child: ChildProcess): Promise<{ how: string; counts: Record<string, number> }> {
  let text = '';
  child.stdout?.on('data', (data: Buffer) => {
    text += data.toString();
  });
  const how = await new Promise<string>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? `${code}`)),
  );
  return { how, counts: text === '' ? {} : (JSON.parse(text) as Record<string, number>) };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
