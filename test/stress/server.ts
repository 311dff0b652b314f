/** A `serve` and a directory of its own, for runs that hurt it: nothing of it is left, and its errors are told. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callMethod } from '../../src/control/client.ts';
import { METHODS } from '../../src/control/methods.ts';
import { repository } from '../repository.ts';

export const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
export const STRESS_CLIENT = join(repository, 'build/c/stress-client');

export interface ServerOptions {
  /** `cuse` is for a machine of its own: it takes /dev/fwctl. Default: fuse. */
  readonly transport?: 'fuse' | 'cuse';
  /** Further options of `serve`, and of Node. */
  readonly words?: readonly string[];
  readonly node?: readonly string[];
}

export type Calling = (path: string, http: string, values?: Record<string, string>) => Promise<unknown>;

export interface Server {
  readonly pid: number;
  /** A directory for what the run writes. */
  readonly place: string;
  /** Of the nodes. */
  readonly directory: string;
  /** A method of the control socket. */
  readonly call: Calling;
  /** SIGTERM; its exit status, and whether mount or nodes are gone. */
  stop(): Promise<{ readonly status: number | null; readonly clean: boolean }>;
}

/** Ends, with all that it has made, when `work` does, whose error is the one that is thrown. */
export async function withServer<T>(
  place: string,
  { transport = 'fuse', words = [], node = [] }: ServerOptions,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const directory = transport === 'fuse' ? join(place, 'dev') : '/dev/fwctl';
  const socket = join(place, 'sock');
  const own = ['--transport', transport, '--dev-dir', directory, '--control-socket', socket, '--log-level', 'error'];
  const child = spawn(process.execPath, [...node, MAIN, 'serve', ...own, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const call = callingOn(socket);
  const stop = async () => {
    child.kill('SIGTERM');
    const status = await exited;
    return { status, clean: !existsSync(directory) };
  };
  try {
    const ready = new Promise((resolve) => child.stdout.once('data', resolve));
    const early = exited.then((status) => Promise.reject(new Error(`serve ended with status ${status}`)));
    early.catch(() => {});
    await Promise.race([ready, early]);
    return await work({ pid: child.pid ?? 0, place, directory, call, stop });
  } finally {
    child.kill('SIGKILL');
    await exited;
    // A mount whose server was killed is in the way of removing its directory, and that error of the first one.
    if (transport === 'fuse') spawnSync('umount', ['-l', directory], { stdio: 'ignore' });
  }
}

export function callingOn(socket: string): Calling {
  return async (path, http, values = {}) => {
    const method = METHODS.find((row) => row.path === path && row.http === http);
    if (method === undefined) throw new Error(`there is no method ${http} ${path}`);
    return callMethod(socket, method, values);
  };
}

/** A temporary directory for `work`, and not longer. */
export async function inScratch<T>(work: (place: string) => Promise<T>): Promise<T> {
  const place = mkdtempSync(join(tmpdir(), 'fwctl-emu-stress-'));
  try {
    return await work(place);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

export interface ClientEnd {
  /** Its status, or the signal that killed it. */
  readonly how: string;
  readonly counts: Readonly<Record<string, number>>;
  /** What it printed: the counts, and what else it knows. */
  readonly text: string;
}

/** One stress-client to its end. `reopen`: it opens its file anew after so many RPCs; undefined: when it must. */
export function stressClient(device: string, rpcs: number, reopen?: number): Promise<ClientEnd> {
  return clientEnd(STRESS_CLIENT, [device, String(rpcs), ...(reopen === undefined ? [] : [String(reopen)])]);
}

/** A client that prints its counts as JSON, to its end. */
export async function clientEnd(program: string, words: readonly string[]): Promise<ClientEnd> {
  const { how, text } = await programEnd(program, words);
  return { how, counts: text === '' ? {} : (JSON.parse(text) as Record<string, number>), text };
}

/** A program to its end: its status, or the signal that killed it, and what it printed. `env`: beside the own. */
export async function programEnd(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly how: string; readonly text: string }> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  const how = await new Promise<string>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? `${code}`)),
  );
  return { how, text };
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
