/** `scripts/stress [CLIENTS [RPCS]]`: the full run, its figures as JSON. */
import { stress } from './stress.ts';

const [clients = '8', rpcs = '100000'] = process.argv.slice(2);
const result = await stress({ clients: Number(clients), rpcs: Number(rpcs), seed: 1, unplugMs: 250 });
process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
const { bad, openFiles, held, status, clean, counts } = result;
process.exit(bad.length + openFiles + held + counts.wrong === 0 && status === 0 && clean ? 0 : 1);
