/**
 * A recording's file: written beside its place as FILE.part and moved there when complete: a failed run neither leaves
 * half a recording nor takes away an older one. Each line is written when it is made, before its call is answered: who
 * is killed loses none, and a replay takes FILE.part where there is no FILE. Lines ahead of a call that has not ended
 * stand behind the others, and later behind its line. A write that fails ends it; nobody who is recorded hears of it.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  open,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { fileKind } from '../../config/file-kind.ts';
import { type LockFile, type Locking, tryLock } from '../../config/file-lock.ts';
import type { LinesAhead } from './ordered-lines.ts';

/** The descriptor itself, unlike that of node:fs/promises. */
const openFile = promisify(open);
/** How each of our files begins: RecordingHead. */
const BEGIN = Buffer.from('{"fwctl_emu_recording":');

export interface RecordingFileOptions {
  /** What has that name already; otherwise that is an error. */
  readonly replace: boolean;
  /** Hears once of the end of the space. */
  readonly failed: (why: string) => void;
  /** Two emulators do not write one recording. */
  readonly lockFile: LockFile;
}

export class RecordingFile implements LinesAhead {
  /** Absolute. */
  readonly path: string;
  /** Why there is no more to write. */
  failure: string | undefined;
  private readonly part: string;
  private readonly options: RecordingFileOptions;
  private readonly fd: number;
  /** Of the lines in their places, and with those that are ahead of a call. */
  private ordered = 0;
  private length = 0;
  /** Written lines that push back what is ahead, until that follows. */
  private due = '';

  private constructor(path: string, options: RecordingFileOptions, fd: number) {
    this.path = path;
    this.part = partOf(path);
    this.options = options;
    this.fd = fd;
  }

  /**
   * Rejects with an Error that says why it cannot be made. This thread does not wait for it, as it may serve the
   * directory itself.
   */
  static async make(path: string, options: RecordingFileOptions): Promise<RecordingFile> {
    return new RecordingFile(path, options, await openPart(path, partOf(path), options));
  }

  get bytes(): number {
    return this.length;
  }

  /** A line, without its newline. */
  write(line: string): void {
    if (this.length > this.ordered) this.due += `${line}\n`;
    else this.ordered = this.put(`${line}\n`, this.ordered);
  }

  add(line: string): void {
    this.put(`${line}\n`, this.length);
  }

  replace(lines: readonly string[]): void {
    const ordered = this.ordered + Buffer.byteLength(this.due);
    this.put(this.due + lines.map((line) => `${line}\n`).join(''), this.ordered);
    this.due = '';
    this.ordered = ordered;
  }

  /** What stands there then ends the file: where that is. */
  private put(text: string, at: number): number {
    if (this.failure !== undefined) return this.length;
    let end = at;
    try {
      // A disk that is nearly full takes a part.
      for (let rest: Uint8Array = Buffer.from(text); rest.length > 0; ) {
        const written = writeSync(this.fd, rest, 0, rest.length, end);
        rest = rest.subarray(written);
        end += written;
      }
      this.length = end;
    } catch (error) {
      this.fail(`${this.part} cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
    return this.length;
  }

  /** Gives it its name; after a failure what could be written stays as FILE.part. */
  complete(): void {
    // Half a line, of a disk that was full.
    if (this.failure !== undefined) ftruncateSync(this.fd, this.length);
    closeSync(this.fd);
    if (this.failure !== undefined) return;
    try {
      // the name itself: what a link leads to may wait for this very thread
      refuseOther(this.path, lstatSync(this.path, { throwIfNoEntry: false }));
      if (this.options.replace) renameSync(this.part, this.path);
      else this.moveToFreeName();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.fail(code === undefined ? message : `${this.path} cannot be made (${code})`);
    }
  }

  /** link(2) replaces nothing, unlike rename(2). Where the file system has no links, a look has to do. */
  private moveToFreeName(): void {
    try {
      linkSync(this.part, this.path);
      unlinkSync(this.part);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(this.path)) throw error;
      renameSync(this.part, this.path);
    }
  }

  private fail(why: string): void {
    this.failure = `${why}; what was written is in ${this.part}`;
    this.options.failed(this.failure);
  }
}

/** While it is not complete. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** Throws an Error for what is neither a file nor a link, and thus not to be replaced. */
function refuseOther(path: string, there: Stats | undefined): void {
  if (there !== undefined && !there.isFile() && !there.isSymbolicLink())
    throw new Error(`${path} is ${fileKind(there)}; give another name`);
}

async function openPart(path: string, part: string, { replace, lockFile }: RecordingFileOptions): Promise<number> {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const there = await stat(path).catch(() => undefined);
    refuseOther(path, there);
    if (there !== undefined && !replace) throw new Error(`${path} exists; give another name, or replace it (--force)`);
    // Not through a symbolic link, nor into a pipe, that somebody has put there.
    const fd = await openFile(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | (replace ? 0 : O_EXCL), 0o644);
    try {
      lockAlone(fd, part, lockFile);
      empty(fd, part);
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== 'EEXIST') throw new Error(`${part} cannot be written (${code}); check the path`);
    const why = 'another recording writes it, or one was broken off';
    throw new Error(`${part} exists: ${why}; give another name, or replace it (--force)`);
  }
}

/** Throws an Error where another emulator records. */
function lockAlone(fd: number, part: string, lockFile: LockFile): void {
  const locking = tryLock(fd, lockFile);
  // One that was completed meanwhile is called otherwise by now.
  const other = lstatSync(part, { throwIfNoEntry: false })?.ino !== fstatSync(fd).ino;
  if (locking.kind === 'taken' || other)
    throw new Error(`${part}: ${holderOf(locking)} records there; end that one, or give another name`);
}

function holderOf(locking: Locking): string {
  return locking.kind === 'taken' ? locking.holder : 'another emulator';
}

/** Throws an Error for what no recording has left. */
function empty(fd: number, part: string): void {
  const stats = fstatSync(fd);
  if (!stats.isFile()) throw new Error(`${part} is ${fileKind(stats)}; give another name`);
  const begin = Buffer.alloc(Math.min(BEGIN.length, stats.size));
  readSync(fd, begin, 0, begin.length, 0);
  if (!BEGIN.subarray(0, begin.length).equals(begin))
    throw new Error(`${part} is there, and is no recording that was broken off; move it away, or give another name`);
  ftruncateSync(fd);
}
