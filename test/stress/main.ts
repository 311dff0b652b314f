/**
 * `scripts/stress [--cuse] [CLIENTS [RPCS]]`, `scripts/stress --memory [--cuse] [RPCS]`: the full runs, their figures
 * as JSON.
 */
import { parseArgs } from 'node:util';
import { memory } from './memory.ts';
import { stress } from './stress.ts';

const flags = { cuse: { type: 'boolean' }, memory: { type: 'boolean' } } as const;
const { values, positionals } = parseArgs({ options: flags, allowPositionals: true });
const transport = values.cuse ? 'cuse' : 'fuse';
process.exit((values.memory ? await memoryRuns(positionals) : await stressRun(positionals)) ? 0 : 1);

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

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
}
