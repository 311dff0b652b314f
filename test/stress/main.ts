/**
 * `scripts/stress [--cuse] [CLIENTS [RPCS]]`, `scripts/stress --memory [--cuse] [RPCS]`, `scripts/stress --many
 * [SECONDS]`, `scripts/stress --odd-memory [SECONDS [SEED]]`: the full runs, their figures as JSON.
 */
import { parseArgs } from 'node:util';
import { type ManyResult, manyRun, manyServed } from './many.ts';
import { memory } from './memory.ts';
import { oddMemory } from './odd-memory.ts';
import { stress } from './stress.ts';

const flags = {
  cuse: { type: 'boolean' },
  memory: { type: 'boolean' },
  many: { type: 'boolean' },
  'odd-memory': { type: 'boolean' },
} as const;
const { values, positionals } = parseArgs({ options: flags, allowPositionals: true });
const transport = values.cuse ? 'cuse' : 'fuse';
let work = stressRun;
if (values.memory) work = memoryRuns;
if (values.many) work = manyRuns;
if (values['odd-memory']) work = oddMemoryRun;
process.exit((await work(positionals)) ? 0 : 1);

/** True: all was as it is to be. */
async function stressRun([clients = '8', rpcs = '100000']: readonly string[]): Promise<boolean> {
  const result = await stress({
    clients: Number(clients),
    rpcs: Number(rpcs),
    seed: 1,
    // user-mode Linux is slow, and its run is short
    unplugMs: values.cuse ? 40 : 250,
    transport,
  });
  print(result);
  const { bad, openFiles, held, status, clean, counts, traced } = result;
  return bad.length + openFiles + held + counts.wrong === 0 && status === 0 && clean && traced === counts.rpcs;
}

/** A leak of one byte an RPC would be told. */
async function memoryRuns([rpcs = '1000000']: readonly string[]): Promise<boolean> {
  let flat = true;
  for (const traced of [false, true]) {
    const result = await memory({ rpcs: Number(rpcs), reopen: 10, traced, transport });
    print(result);
    flat &&= result.wrong === 0 && result.bytesPerRpc < 1;
  }
  return flat;
}

async function oddMemoryRun([seconds = '120', seed = '1']: readonly string[]): Promise<boolean> {
  const result = await oddMemory({ ms: 1000 * Number(seconds), seed: Number(seed) });
  print(result);
  return result.bad.length + result.wrong === 0;
}

/** In `serve`, then in `run`. */
async function manyRuns([seconds = '120']: readonly string[]): Promise<boolean> {
  const options = { ms: 1000 * Number(seconds), seed: 1, pauseMs: 20 };
  const results: ManyResult[] = [];
  for (const work of [manyServed, manyRun]) {
    const result = await work(options);
    print(result);
    results.push(result);
  }
  return results.every(({ bad, openFiles, held }) => bad.length + openFiles + held === 0);
}

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
}
