/**
 * A recording's file: written beside its place as FILE.part and moved there when complete: a failed run neither leaves
 * half a recording nor takes away an older one. A write that fails ends it; nobody who is recorded hears of it.
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
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { fileKind } from '../../config/file-kind.ts';

/** The descriptor itself, unlike that of node:fs/promises. */
const openFile = promisify(open);
const FLUSH_BYTES = 64 * 1024;
/** How each of our files begins: RecordingHead. */
const BEGIN = Buffer.from('{"fwctl_emu_recording":');

export class RecordingFile {
  /** Absolute. */
  readonly path: string;
  /** Those not written yet too. */
  bytes = 0;
  /** Why there is no more to write. */
  failure: string | undefined;
  private readonly part: string;
  private readonly replace: boolean;
  private readonly failed: (why: string) => void;
  private readonly fd: number;
  private text = '';

  private constructor(path: string, replace: boolean, failed: (why: string) => void, fd: number) {
    this.path = path;
    this.part = `${path}.part`;
    this.replace = replace;
    this.failed = failed;
    this.fd = fd;
  }

  /**
   * `replace`: what has that name already. `failed` hears once of the end of the space. Rejects with an Error that says
   * why it cannot be made. This thread does not wait for it, as it may serve the directory itself.
   */
  static async make(path: string, replace: boolean, failed: (why: string) => void): Promise<RecordingFile> {
    return new RecordingFile(path, replace, failed, await openPart(path, `${path}.part`, replace));
  }

  /** A line, without its newline. */
  write(line: string): void {
    if (this.failure !== undefined) return;
    this.text += `${line}\n`;
    this.bytes += Buffer.byteLength(line) + 1;
    if (this.text.length >= FLUSH_BYTES) this.flush();
  }

  /** Gives it its name; after a failure what could be written stays as FILE.part. */
  complete(): void {
    this.flush();
    closeSync(this.fd);
    if (this.failure !== undefined) return;
    try {
      // the name itself: what a link leads to may wait for this very thread
      refuseOther(this.path, lstatSync(this.path, { throwIfNoEntry: false }));
      if (this.replace) renameSync(this.part, this.path);
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

  private flush(): void {
    const { text } = this;
    this.text = '';
    if (this.failure !== undefined || text === '') return;
    try {
      // Not writeSync: a disk that is nearly full takes a part.
      writeFileSync(this.fd, text);
    } catch (error) {
      this.fail(`${this.part} cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  private fail(why: string): void {
    this.failure = `${why}; what was written is in ${this.part}`;
    this.failed(this.failure);
  }
}

/** Throws an Error for what is neither a file nor a link, and thus not to be replaced. */
function refuseOther(path: string, there: Stats | undefined): void {
  if (there !== undefined && !there.isFile() && !there.isSymbolicLink())
    throw new Error(`${path} is ${fileKind(there)}; give another name`);
}

async function openPart(path: string, part: string, replace: boolean): Promise<number> {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const there = await stat(path).catch(() => undefined);
    refuseOther(path, there);
    if (there !== undefined && !replace) throw new Error(`${path} exists; give another name, or replace it (--force)`);
    // Not through a symbolic link, nor into a pipe, that somebody has put there.
    const fd = await openFile(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | (replace ? 0 : O_EXCL), 0o644);
    try {
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
