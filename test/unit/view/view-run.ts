/**
 * Runs one command in a view, for view-exec.test.ts, which starts this as whichever user it tests:
 *
 *   node view-run.js '{"nodes": "fuse" | DIRECTORY, "map": "root" | "current"}' COMMAND [ARG...]
 *
 * Ends as the command does; 99 when the view cannot be made. A line on stdin: `plug`, `unplug`, `taint N`; `churn`,
 * which plugs and unplugs one device until the command ends.
 */
import { createInterface } from 'node:readline';
import { MountSession } from '../../../src/transport/fuse/mount-session.ts';
import { FuseBuffers } from '../../../src/transport/fuse/reply.ts';
import { loadNative, NATIVE_DIRECTORY } from '../../../src/transport/native.ts';
import { userNamespaceOf } from '../../../src/transport/proc-caller.ts';
import { startView } from '../../../src/view/view.ts';
import type { ServeTree, View, ViewNodes } from '../../../src/view/view-parts.ts';
import { connectx } from './devices.ts';

const options = JSON.parse(process.argv[2] ?? '') as { nodes: string; map: 'root' | 'current' };
const native = loadNative();
const buffers = new FuseBuffers(native);
const later = connectx(2, '0000:80:00.0');
const first = connectx(0, '0000:00:0a.0');

const complain = (error: unknown) => console.error('session:', error);
const serve: ServeTree = (fd, root, pid) => {
  const events = { ended: () => {}, bug: complain, unreachable: complain };
  new MountSession(fd, root, native, buffers, userNamespaceOf(pid) ?? '', events);
};
const nodes: ViewNodes =
  options.nodes === 'fuse' ? { kind: 'fuse', serve } : { kind: 'directory', path: options.nodes, serve };

function churn(view: View, plugged = false): void {
  if (plugged) view.removeDevice(later);
  else view.addDevice(later);
  setTimeout(() => churn(view, !plugged), 1).unref();
}

try {
  const view = await startView({
    native,
    viewExec: new URL('view-exec', NATIVE_DIRECTORY).pathname,
    devices: [first, connectx(1, '0000:00:0b.0')],
    nodes,
    command: process.argv.slice(3) as [string, ...string[]],
    mapUser: options.map,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const warning of view.warnings) console.error('warning:', warning);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line === 'plug') view.addDevice(later);
    else if (line === 'unplug') view.removeDevice(first);
    else if (line === 'churn') churn(view);
    else if (line.startsWith('taint ')) view.taint(Number(line.slice(6)));
  });
  const { code, signal } = await view.exited;
  view.close();
  console.log(`ended ${signal ?? code}`);
  process.exit(0);
} catch (error) {
  console.error((error as Error).message);
  process.exit(99);
}
