/**
 * Tries, one by one, the steps with which a private view starts: own namespaces, own mounts, a FUSE mount, reading the
 * memory of a process in there. Done by the program that `run` uses, in a throw-away child; nothing outlives the probe.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { errnoName } from '../../abi/errno.ts';
import { Channel } from '../../view/channel.ts';
import { coveredDirectory } from '../../view/host-facts.ts';
import type { NamespaceMode } from '../../view/plan.ts';
import { type Step, step } from '../../view/steps.ts';
import { ViewError } from '../../view/view-error.ts';
import { VIEW_EXEC } from '../native-files.ts';

export interface ProbeStep {
  readonly name: 'namespaces' | 'memory' | 'mounts' | 'fuse';
  /** Undefined: it went well. */
  readonly failure: ProbeFailure | undefined;
}

export interface ProbeFailure {
  /** What failed, and the errno: `fuse: EACCES`. */
  readonly what: string;
  readonly remedy: string | undefined;
}

export interface ProbeOptions {
  readonly mode: NamespaceMode;
  /** Tried as this uid and gid; undefined: our own. */
  readonly uid?: number;
  /** process_vm_readv() of a thread: 0 or -errno; undefined: cannot be tried. */
  readonly readMemory: ((tid: number) => ProbeFailure | undefined) | undefined;
  readonly limitMs?: number;
  /** As `serve` does it, in the mounts that are there: without making them private first, and a tmpfs. */
  readonly bare?: boolean;
}

/** The steps in order, up to and with the first that failed. Rejects when the probing program cannot be started. */
export function probeView({ mode, uid, readMemory, limitMs, bare = false }: ProbeOptions): Promise<ProbeStep[]> {
  return inChild((channel, tid) => tryAll(channel, mode, bare, () => readMemory?.(tid)), uid, limitMs);
}

/** Whether a filter can be installed that is listened to, and its command's memory be read. Rejects likewise. */
export function probeFilter(readMemory: (tid: number) => ProbeFailure | undefined): Promise<ProbeFailure | undefined> {
  return inChild(async (channel, tid) => (await tried(channel, [step('filter', 'paths')])) ?? readMemory(tid));
}

async function inChild<T>(
  attempt: (channel: Channel, tid: number) => Promise<T>,
  uid?: number,
  limitMs = 5000,
): Promise<T> {
  // Descriptor 4 takes what a step sends; a socket that nobody reads will do.
  const child = spawn(VIEW_EXEC, ['/bin/true'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await started(child);
    const channel = new Channel(child.stdio[3] as Duplex);
    // Its end ends the channel, and with it the step that hung.
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    const result = await attempt(channel, child.pid ?? 0);
    clearTimeout(timer);
    channel.close();
    child.kill('SIGKILL'); // under a filter its calls are answered by nobody
    await Promise.race([exited, delay(limitMs)]);
    return result;
  } finally {
    for (const stream of child.stdio) stream?.destroy();
  }
}

async function tryAll(
  channel: Channel,
  mode: NamespaceMode,
  bare: boolean,
  memory: () => ProbeFailure | undefined,
): Promise<ProbeStep[]> {
  const place = coveredDirectory();
  const rows: [ProbeStep['name'], () => Promise<ProbeFailure | undefined>][] = [
    ['namespaces', () => tried(channel, [step('namespaces', mode)])],
    ['memory', async () => memory()],
    ['mounts', () => tried(channel, bare ? [] : [step('private'), step('tmpfs', place, 'mode=755')])],
    // Nobody answers FUSE_INIT: mount(2) does not wait for it, and the mount dies with its descriptor.
    ['fuse', () => tried(channel, [step('fuse', place, 'allow_other,default_permissions'), step('detach', place)])],
  ];
  const results: ProbeStep[] = [];
  for (const [name, attempt] of rows) {
    const failure = await attempt();
    results.push({ name, failure });
    if (failure !== undefined && name !== 'memory') break;
  }
  return results;
}

async function tried(channel: Channel, steps: readonly Step[]): Promise<ProbeFailure | undefined> {
  try {
    await channel.run(steps);
    return undefined;
  } catch (error) {
    if (!(error instanceof ViewError) || error.step === undefined || error.errno === undefined) {
      return { what: (error as Error).message, remedy: undefined };
    }
    return { what: `${error.step.kind}: ${errnoName(error.errno)}`, remedy: error.remedy };
  }
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve());
    child.once('error', reject);
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
