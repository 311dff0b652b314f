/** `scripts/stress [--cuse] [CLIENTS [RPCS]]`: the full run, its figures as JSON. */
import { parseArgs } from 'node:util';
import { stress } from './stress.ts';

const { values, positionals } = parseArgs({ options: { cuse: { type: 'boolean' } }, allowPositionals: true });
const [clients = '8', rpcs = '100000'] = positionals;
const result = await stress({
  clients: Number(clients),
  rpcs: Number(rpcs),
  seed: 1,
  // user-mode Linux is slow, and its run is short
  unplugMs: values.cuse ? 40 : 250,
  transport: values.cuse ? 'cuse' : 'fuse',
});
process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
const { bad, openFiles, held, status, clean, counts, traced } = result;
process.exit(
  bad.length + openFiles + held + counts.wrong === 0 && status === 0 && clean && traced === counts.rpcs ? 0 : 1,
);
