/** The descriptor that a trace is written to: a file's or FIFO's own, or one of this process that others share. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type LockFile, tryLock } from '../../config/file-lock.ts';
import { wantsColor } from '../../config/wants-color.ts';

export interface TraceDescriptor {
  readonly fd: number;
  /** Ours to close. */
  readonly own: boolean;
  /** write(2) may wait for the reader: O_NONBLOCK is not ours to set. */
  readonly blocks: boolean;
}

const STDERR = 2;
const STANDARD: Readonly<Record<string, number>> = { '/dev/stdin': 0, '/dev/stdout': 1, '/dev/stderr': STDERR };

/** Undefined: stderr. Throws as openTraceFile does. */
export function openTrace(path: string | undefined, lockFile: LockFile = () => 0): TraceDescriptor {
  const fd = path === undefined ? STDERR : numberOf(path);
  return fd === undefined ? { fd: openTraceFile(path as string, lockFile), own: true, blocks: false } : openShared(fd);
}

/** The descriptor of this process that a path names. */
function numberOf(path: string): number | undefined {
  const [, digits] = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path) ?? [];
  return digits === undefined ? STANDARD[path] : Number(digits);
}

/**
 * A file, emptied first; a terminal; a FIFO with a reader (else ENXIO). Throws open(2)'s error, or one for a disk, or
 * for a file that another emulator traces to.
 */
export function openTraceFile(path: string, lockFile: LockFile = () => 0): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK } = constants;
  if (statSync(path, { throwIfNoEntry: false })?.isBlockDevice())
    throw new Error(`${path} is a block device, which it would overwrite; give another name`);
  const fd = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, 0o644);
  if (!fstatSync(fd).isFile()) return fd;
  const locking = tryLock(fd, lockFile);
  if (locking.kind !== 'taken') ftruncateSync(fd);
  else {
    closeSync(fd);
    throw new Error(`${locking.holder} traces to it; end that one, or give another name`);
  }
  return fd;
}

/**
 * Opened anew, so that O_NONBLOCK is ours alone and not the command's that shares it. The descriptor itself for a
 * regular file (`2>FILE`), which never blocks, and where the command would write over what our own position has put at
 * the end; and for what cannot be opened anew: a socket (ENXIO; journald's, a Node pipe), others' (EACCES; sudo -u).
 */
function openShared(fd: number): TraceDescriptor {
  if (fstatSync(fd).isFile()) return { fd, own: false, blocks: false };
  const { O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    const anew = openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
    return { fd: anew, own: true, blocks: false };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENXIO' || code === 'EACCES') return { fd, own: false, blocks: true };
    throw error;
  }
}

/** Colour is for a terminal of those who want it. */
export function takesColor(fd: number, env: Readonly<Record<string, string | undefined>>): boolean {
  return isatty(fd) && wantsColor(env);
}
