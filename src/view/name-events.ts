/**
 * inotify(7) on a directory of a FUSE mount: the kernel tells of names that come and go through it alone. So each
 * change of the tree is made once more, by a process of its own (native/name-teller.c), from whom the session takes it
 * (NameChange). One after the other, in their order; nobody waits. Started at the first change: a machine whose devices
 * stay costs nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MapDirectory, NameChange, TreeNode } from '../transport/fuse/tree.ts';
import { NATIVE_DIRECTORY } from '../transport/native.ts';

interface Job {
  readonly directory: MapDirectory;
  /** From the mount on. */
  readonly path: string;
  readonly change: Omit<NameChange, 'tid'>;
}

export interface NameEvents {
  /** Puts the node into the directory, under the path's last name. */
  put(directory: MapDirectory, path: string, node: TreeNode): void;
  /** Takes out what stands there. */
  take(directory: MapDirectory, path: string): void;
  close(): void;
}

/** How the teller reaches the mount: by its path, or by descriptors of its root and of a user namespace to enter. */
export type TellerMount = { readonly path: string } | { readonly root: number; readonly users?: number | undefined };

const TELLER = fileURLToPath(new URL('name-teller', NATIVE_DIRECTORY));

/** `where` is asked at the first change. Where the teller cannot be started nothing is told. */
export function nameEvents(where: () => TellerMount): NameEvents {
  const jobs: Job[] = [];
  let teller: ChildProcess | undefined;
  let closed = false;
  const next = () => {
    const [job] = jobs;
    if (job === undefined || closed) return;
    teller ??= start();
    const { directory, path, change } = job;
    directory.change = { ...change, tid: teller.pid ?? 0 };
    teller.stdin?.write(`${change.came ? '+' : '-'}${path}\n`);
  };
  const done = () => {
    const job = jobs.shift();
    if (job !== undefined) job.directory.change = undefined;
    next();
  };
  const end = () => {
    closed = true;
    for (const { directory } of jobs.splice(0)) directory.change = undefined;
  };
  const start = () => {
    const mount = where();
    const [args, fds] = 'path' in mount ? [[mount.path], []] : [[], descriptors(mount)];
    const child = spawn(TELLER, args, { stdio: ['pipe', 'pipe', 'ignore', ...fds], env: {}, detached: true });
    child.on('error', end).on('exit', end).unref();
    child.stdin?.on('error', end);
    for (const stream of [child.stdin, child.stdout]) (stream as { unref?(): void } | null)?.unref?.();
    // a line for each job, and a job at a time
    child.stdout?.on('data', (text: Buffer) => text.includes('\n') && done());
    return child;
  };
  const add = (job: Job) => {
    if (closed) return;
    if (jobs.push(job) === 1) next();
  };
  return {
    put(directory, path, node) {
      const name = basename(path);
      directory.entries.set(name, node);
      add({ directory, path, change: { came: true, name, node } });
    },
    take(directory, path) {
      const name = basename(path);
      const node = directory.entries.get(name);
      if (node === undefined) return;
      directory.entries.delete(name);
      add({ directory, path, change: { came: false, name, node } });
    },
    close() {
      end();
      teller?.stdin?.end();
    },
  };
}

function descriptors({ root, users }: { root: number; users?: number | undefined }): number[] {
  return users === undefined ? [root] : [root, users];
}
