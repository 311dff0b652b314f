/** Starts view-run.js as each kind of user, and looks at what a view could leave behind. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { NATIVE_DIRECTORY } from '../../../src/transport/native.ts';
import { SLOWNESS } from '../../slowness.ts';
import { REPOSITORY } from './devices.ts';

const RUNNER = new URL('view-run.js', import.meta.url).pathname;
export const VIEW_EXEC = new URL('view-exec', NATIVE_DIRECTORY).pathname;
export const ROOT = process.geteuid?.() === 0;
/** Somebody without any right, for the rootless tests when these are run by root. */
export const NOBODY = 65534;
/** Where the views of this test file have their private directories; anybody may write. */
export const BASE = mkdtempSync(`${tmpdir()}/fwctl-emu-test-`);
chmodSync(BASE, 0o1777);
const TIME_LIMIT = 20_000 * SLOWNESS;

/** Shell: runs `fill` on an empty directory $d, then puts $d/NAME over `target`; seen in this mount namespace alone. */
export const over = (target: string, fill: string, name = '') =>
  `d=$(mktemp -d) && mount -t tmpfs none $d && ${fill} && mount --bind $d${name} ${target} && umount -l $d && rmdir $d`;
export const fuseNode = (mode: string) =>
  over('/dev/fuse', `cp -a /dev/fuse $d/fuse && chmod ${mode} $d/fuse`, '/fuse');
export const AS_NOBODY = `setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups`;

/** What starts the runner as each kind of user, or why that cannot be tried here. */
export interface Way {
  readonly name: string;
  readonly prefix: readonly string[];
  readonly skip: string | false;
}

function missing(): string | false {
  if (!existsSync(VIEW_EXEC)) return 'native/view-exec is not built: make build';
  return existsSync('/dev/fuse') ? false : 'no /dev/fuse here';
}

function rootless(): Way {
  const prefix = ROOT ? ['unshare', '--mount', 'sh', '-c', `${fuseNode('666')} && exec ${AS_NOBODY} "$@"`, 'sh'] : [];
  const run = (...command: string[]) => {
    const [program = '', ...args] = [...prefix, ...command];
    return spawnSync(program, args, { encoding: 'utf8' }).status === 0;
  };
  const skip =
    missing() ||
    (ROOT && cannotMount()) ||
    (!run('test', '-r', RUNNER) && `uid ${NOBODY} cannot read ${REPOSITORY}`) ||
    (!run('unshare', '--user', '--map-root-user', '--mount', 'true') &&
      'unprivileged user namespaces are not allowed here') ||
    (!run('test', '-w', '/dev/fuse') && '/dev/fuse is not open to this user');
  return { name: 'rootless', prefix, skip };
}

export const WAYS: readonly Way[] = [
  { name: 'root', prefix: [], skip: missing() || (!ROOT && 'not run by root') || cannotMount() },
  rootless(),
];

function cannotMount(): string | false {
  return (
    spawnSync('unshare', ['--mount', 'true']).status !== 0 && 'root may not make mount namespaces here (a container)'
  );
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

interface RunOptions {
  readonly nodes?: string;
  readonly map?: 'root' | 'current';
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Called with the runner once it has printed something; may talk to its stdin. */
  readonly meanwhile?: (runner: ChildProcess, stdout: () => string) => Promise<void>;
}

/** Runs a shell script in a view. */
export async function run(way: Way, script: string, options: RunOptions = {}): Promise<Outcome> {
  return runCommand(way, ['sh', '-c', script], options);
}

export async function runCommand(way: Way, command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { nodes = 'fuse', map = 'root', env, cwd = '/', meanwhile } = options;
  const [program = '', ...args] = [...way.prefix, process.execPath, RUNNER, JSON.stringify({ nodes, map }), ...command];
  const runner = spawn(program, args, {
    env: { ...process.env, XDG_RUNTIME_DIR: BASE, ...env },
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  runner.stdout.on('data', (chunk) => (stdout += chunk));
  runner.stderr.on('data', (chunk) => (stderr += chunk));
  const timer = setTimeout(() => runner.kill('SIGKILL'), TIME_LIMIT);
  const closed = once(runner, 'close');
  try {
    await meanwhile?.(runner, () => stdout);
    const [code] = (await closed) as [number | null];
    return { stdout, stderr, code };
  } finally {
    clearTimeout(timer);
  }
}

export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + TIME_LIMIT;
  while (!condition()) {
    assert.ok(Date.now() < end, 'took too long');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What a view could leave behind outside. /dev/fwctl itself is left out: tests of `serve` may run meanwhile. */
export function outside() {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return {
    mounts: mounts.filter((line) => line.includes(BASE) || / \/(sys|proc)[ /]| \/dev /.test(line)),
    dev: readdirSync('/dev')
      .filter((name) => !name.startsWith('fwctl'))
      .sort(),
    classes: readdirSync('/sys/class').sort(),
    functions: readdirSync('/sys/bus/pci/devices').sort(),
    tainted: readFileSync('/proc/sys/kernel/tainted', 'utf8'),
    left: readdirSync(BASE),
  };
}
