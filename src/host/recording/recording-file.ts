/**
 * The file of a recording: written beside its place as FILE.part and moved there when it is complete, so that a failed run leaves neither
 * half a recording nor takes away an older one. A write that fails ends it; nobody who is recorded hears of that.
 */
import {
  closeSync,
  constants,
  existsSync,
  linkSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

const FLUSH_BYTES = 64 * 1024;

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

  /** `replace`: what has that name already. `failed` hears once of the end of the space. Throws an Error that says why it cannot be made. */
  constructor(path: string, replace: boolean, failed: (why: string) => void) {
    this.path = path;
    this.part = `${path}.part`;
    this.replace = replace;
    this.failed = failed;
    this.fd = open(path, this.part, replace);
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
      if (this.replace) renameSync(this.part, this.path);
      else this.moveToFreeName();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.fail(`${this.path} cannot be made (${code ?? message})`);
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

function open(path: string, part: string, replace: boolean): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) throw new Error(`${path} is no regular file; give another name`);
    if (there !== undefined && !replace) throw new Error(`${path} exists; give another name, or replace it (--force)`);
    // Not through a symbolic link, nor into a pipe, that somebody has put there.
    return openSync(part, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | (replace ? O_TRUNC : O_EXCL), 0o644);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== 'EEXIST') throw new Error(`${part} cannot be written (${code}); check the path`);
    const why = 'another recording writes it, or one was broken off';
    throw new Error(`${part} exists: ${why}; give another name, or replace it (--force)`);
  }
}
