/** Runs in the guest, as root: clients whose memory is odd or late, over true CUSE nodes, by thread id and by retry. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ABI_PROFILES } from '../../src/abi/profiles.ts';
import { assemble } from '../../src/emulator/assembly.ts';
import { DRIVERS } from '../../src/host/machine/drivers.ts';
import { CuseDevice } from '../../src/transport/cuse.ts';
import { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import { loadNative } from '../../src/transport/native.ts';
import { userNamespaceOf } from '../../src/transport/proc-caller.ts';
import { repository } from '../repository.ts';

const abi = ABI_PROFILES.at(-1);
if (abi === undefined) throw new Error('no ABI');
const native = loadNative();
const report = (error: unknown) => console.error(error);
const events = { ended() {}, bug: report, unreachable() {} };
const userNamespace = userNamespaceOf('self') ?? '';

for (const [minor, retryOnly] of [false, true].entries()) {
  const { host } = assemble({ abi, lockdown: 'none', drivers: DRIVERS, around: [] });
  const pci = `0000:00:0${minor}.0`;
  const spec = { driver: 'mlx5', profile: 'connectx6dx', pci, mode: 0o600, uid: 0, gid: 0, overrides: {} };
  const [node] = host.plug(spec).nodes;
  if (node === undefined) throw new Error('no node');
  const path = `fwctl/memory${minor}`;
  const options = { node: path, major: 240, minor, mode: 0o600, uid: 0, gid: 0, fileOps: node.fileOps, retryOnly };
  const cuse = new CuseDevice({ ...options, userNamespace }, native, new FuseBuffers(native), events);
  process.stdout.write(`${retryOnly ? 'by retry' : 'by thread id'}:\n`);
  const begun = performance.now();
  // each page that another touches costs user-mode Linux a walk over all of them
  const env = retryOnly ? process.env : { ...process.env, ZEROS_MB: '2' };
  const client = spawn(join(repository, 'build/c/memory'), [cuse.path, 'all'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  client.stdout.pipe(process.stdout, { end: false });
  const [status] = await once(client, 'close');
  process.stdout.write(`status ${status}\n`);
  console.error(`${Math.round(performance.now() - begun)} ms`);
  cuse.close();
}
process.exit();
