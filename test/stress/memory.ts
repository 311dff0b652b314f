/**
 * Whether memory is flat: RPCs with opens and closes over the real transport, in ten parts, and after each what the
 * emulator holds, garbage collected. Untraced, and with a trace to a file. `scripts/stress --memory` is the full run.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { delay, inScratch, type Server, type ServerOptions, stressClient, withServer } from './server.ts';

export interface MemoryOptions {
  readonly rpcs: number;
  /** The file is opened anew after so many. */
  readonly reopen: number;
  readonly traced: boolean;
  readonly transport?: 'fuse' | 'cuse';
}

export interface MemoryResult {
  readonly traced: boolean;
  readonly seconds: number;
  readonly rpcs: number;
  readonly opens: number;
  readonly wrong: number;
  /** After each tenth: live heap, memory outside of it, resident memory, MB. */
  readonly heapMb: readonly number[];
  readonly externalMb: readonly number[];
  readonly rssMb: readonly number[];
  /** What the live heap grew by for each RPC of the second half. */
  readonly bytesPerRpc: number;
  readonly traceMb: number;
}

const PARTS = 10;
/** The emulator collects its garbage when it is told to. */
const COLLECTING = ['--expose-gc', '--import', 'data:text/javascript,process.on("SIGUSR2",()=>gc())'];

export function memory(options: MemoryOptions): Promise<MemoryResult> {
  return inScratch((place) => {
    const trace = join(place, 'trace.log');
    const server: ServerOptions = {
      ...(options.transport && { transport: options.transport }),
      words: options.traced ? [`--trace=${trace}`] : [],
      node: COLLECTING,
    };
    return withServer(place, server, (running) => measured(options, running, trace));
  });
}

interface Stats {
  readonly memory: { readonly rss: number; readonly heap_used: number; readonly external: number };
}

async function measured(
  { rpcs, reopen, traced }: MemoryOptions,
  { pid, directory, call, stop }: Server,
  trace: string,
): Promise<MemoryResult> {
  const started = performance.now();
  const samples: Stats['memory'][] = [];
  const sums: Record<string, number> = {};
  for (let part = 0; part < PARTS; part++) {
    const { how, counts } = await stressClient(join(directory, 'fwctl0'), rpcs / PARTS, reopen);
    if (how !== '0') throw new Error(`the client ended with ${how}`);
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
    // The last release, and the trace's last lines, come after the client's end.
    await delay(100);
    process.kill(pid, 'SIGUSR2');
    await delay(200);
    samples.push(((await call('/v1/stats', 'GET')) as Stats).memory);
  }
  const seconds = (performance.now() - started) / 1000;
  const { status, clean } = await stop();
  if (status !== 0 || !clean)
    throw new Error(`serve ended with status ${status}${clean ? '' : ', and left its mount'}`);
  const inMb = (name: keyof Stats['memory']) => samples.map((sample) => Math.round(sample[name] / 1e4) / 100);
  const heap = (part: number) => samples[part]?.heap_used ?? 0;
  const { rpcs: made = 0, opens = 0, wrong = 0 } = sums;
  return {
    traced,
    seconds,
    rpcs: made,
    opens,
    wrong,
    heapMb: inMb('heap_used'),
    externalMb: inMb('external'),
    rssMb: inMb('rss'),
    bytesPerRpc: (heap(PARTS - 1) - heap(PARTS / 2 - 1)) / (made / 2),
    traceMb: traced ? statSync(trace).size / 1e6 : 0,
  };
}
