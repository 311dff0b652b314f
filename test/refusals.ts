/** Why this machine cannot do what a test needs, for `skip`; found by trying it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openRefusal } from '../src/serve/serve-parts.ts';

const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

/** Of `fwctl-emu run`, as whoever runs the tests: no /dev/fuse, no namespaces, no mounts. */
export function runRefusal(): string | false {
  const refusal = openRefusal('/dev/fuse');
  if (refusal !== undefined) return refusal;
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'run', '--', 'true'], { encoding: 'utf8' });
  return status === 0 ? false : `run cannot work here: ${stderr.trim()}`;
}

/** Of a FUSE mount in the machine's own mount namespace, as `serve` makes it. */
export function serveRefusal(): string | false {
  if (process.geteuid?.() !== 0) return 'needs root';
  const refusal = openRefusal('/dev/fuse');
  if (refusal !== undefined) return `needs /dev/fuse (${refusal})`;
  const mount = ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'];
  return spawnSync('unshare', mount).status === 0 ? false : 'root may not mount here (a container)';
}
