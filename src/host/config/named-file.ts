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
    return readOpened(path, constants.O_NONBLOCK, use, refuseOther);
  });
}

/** The text of a file, or of a pipe or terminal up to its end, for which it waits. Throws as readRegularFile does. */
export function readGivenFile(path: string, use: FileUse): string {
  return told(path, use.what, () => readOpened(path, 0, use, () => {}).toString('utf8'));
}

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
    await file.read(Buffer.alloc(1));
  } finally {
    await file.close();
  }
}

class OtherKind extends Error {}

function refuseOther(stats: Stats): void {
  if (!stats.isFile()) throw new OtherKind(fileKind(stats));
}

function readOpened(path: string, flags: number, { what, maxBytes }: FileUse, look: (stats: Stats) => void): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | flags);
  try {
    const stats = fstatSync(fd);
    look(stats);
    const chunks: Buffer[] = [];
    let bytes = stats.size;
    for (let length = 0; bytes <= maxBytes; bytes = length) {
      const chunk = Buffer.allocUnsafe(Math.max(stats.size - length + 1, 64 * 1024));
      const read = readSync(fd, chunk);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    throw new Error(`${path}: ${bytes} bytes are too many for a ${what} (at most ${maxBytes}); is it the right file?`);
  } finally {
    closeSync(fd);
  }
}

function told<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof OtherKind)
      throw new Error(`${path}: the ${what} cannot be read (${error.message}); give a regular file`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a directory' : code;
    throw new Error(`${path}: the ${what} cannot be read (${why}); check the path`, { cause: error });
  }
}
