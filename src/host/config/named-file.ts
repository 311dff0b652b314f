/**
 * Reads files that somebody names. A daemon opens regular files only and waits for none: a FIFO would stop all its
 * clients. A command line may give a pipe (`--config <(...)`, /dev/stdin), read at the start, before there are any.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { fileKind } from './file-kind.ts';

export interface FileUse {
  /** For messages: `profile`. */
  readonly what: string;
  /** A larger one is a mistake. */
  readonly maxBytes: number;
}

/** The text of a regular file. Throws an Error that says why not in one line; its `cause` is open(2)'s or read(2)'s. */
export function readRegularFile(path: string, use: FileUse): string {
  return regularBytes(path, use).toString('utf8');
}

/** Its bytes. Throws as readRegularFile does. */
export function readRegularBytes(path: string, use: FileUse): Uint8Array {
  return regularBytes(path, use);
}

function regularBytes(path: string, use: FileUse): Buffer {
  return told(path, use.what, () => {
    // Before it is opened too: that alone does something to many a device.
    refuseOther(statSync(path));
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      refuseOther(stats);
      return readWhole(path, fd, stats.size, use);
    } finally {
      closeSync(fd);
    }
  });
}

/**
 * The same of a command line's file, which may be a descriptor of its own too (/dev/stdin, `<(...)`): a pipe is read to
 * its end, for which it waits.
 */
export function readGivenFile(path: string, use: FileUse): string {
  const fd = descriptorOf(path);
  if (fd === undefined) return readRegularFile(path, use);
  return told(path, use.what, () => {
    const stats = fstatSync(fd);
    // As it is: to open it again would wait for ever for a writer that has been and gone, and a socket has no opening.
    if (stats.isFIFO() || stats.isSocket()) return readWhole(path, fd, 0, use).toString('utf8');
    return readRegularFile(path, use);
  });
}

/** Whether the path is one of the process's own descriptors, which mean nothing to another process. */
export function isDescriptorPath(path: string): boolean {
  return descriptorOf(path) !== undefined;
}

function descriptorOf(path: string): number | undefined {
  const [, digits] = /^\/(?:dev|proc\/(?:self|thread-self))\/fd\/(\d{1,9})$/.exec(path) ?? [];
  return digits === undefined ? STANDARD[path] : Number(digits);
}

const STANDARD: Readonly<Record<string, number>> = { '/dev/stdin': 0, '/dev/stdout': 1, '/dev/stderr': 2 };

/** What is wrong with a file that somebody named, or with what is in it: told to those who may read it. */
export class FileRefusal extends Error {}

/**
 * Rejects as readRegularFile throws for what is no regular file. It keeps nobody waiting: for requests, before the file
 * is read. A node in a directory that this very thread serves over FUSE, a regular file there, is found by a read.
 */
export async function lookAtFile(path: string, what: string): Promise<void> {
  const failure = await tryFile(path).catch((error: Error) => error);
  if (failure)
    told(path, what, () => {
      throw failure;
    });
}

async function tryFile(path: string): Promise<undefined> {
  refuseOther(await stat(path));
  const file = await open(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  try {
    refuseOther(await file.stat());
    // Node 18 reads nothing where it is not told how much.
    await file.read(Buffer.alloc(1), 0, 1, null);
  } finally {
    await file.close();
  }
}

class OtherKind extends Error {}

function refuseOther(stats: Stats): void {
  if (!stats.isFile()) throw new OtherKind(fileKind(stats));
}

/** `size`: bytes that are expected, as far as anybody knows. */
function readWhole(path: string, fd: number, size: number, { what, maxBytes }: FileUse): Buffer {
  const chunks: Buffer[] = [];
  let bytes = size;
  for (let length = 0; bytes <= maxBytes; bytes = length) {
    const chunk = Buffer.allocUnsafe(Math.max(size - length + 1, 64 * 1024));
    const read = readWaiting(fd, chunk);
    if (read === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, read));
    length += read;
  }
  throw new FileRefusal(
    `${path}: ${bytes} bytes are too many for a ${what} (at most ${maxBytes}); is it the right file?`,
  );
}

/** read(2), on a pipe that somebody has made non-blocking too. */
function readWaiting(fd: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}

const WAIT_MS = 5;

function told<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof OtherKind)
      throw new FileRefusal(`${path}: the ${what} cannot be read (${error.message}); give a regular file`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a directory' : code;
    throw new FileRefusal(`${path}: the ${what} cannot be read (${why}); check the path`, { cause: error });
  }
}
