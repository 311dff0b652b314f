/**
 * The directory of the state files, for one emulator at a time: a lock on the directory itself, which a killed process
 * lets go, and which a read-only directory and all its names share. It may be another user's: files are read and
 * replaced in the directory that is locked, whatever becomes of its path, and through no link.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fileKind } from '../config/file-kind.ts';
import { type LockFile, tryLock } from '../config/file-lock.ts';
import { makeDirectories } from './make-directories.ts';

export interface DirectoryLock {
  readonly lockFile: LockFile;
  /** Told that there is no lock to be had there. */
  unlocked(message: string): void;
}

/** No device has so much. */
const MAX_BYTES = 64 * 1024 * 1024;
/** How long a predecessor that was just killed may still have it, ms. */
const PATIENCE_MS = 500;
const ATTEMPT_MS = 25;

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

export class StateDirectory {
  /** As it was named. */
  readonly path: string;
  private readonly real: string;
  private readonly lock: DirectoryLock | undefined;
  private fd: number;

  /** Makes it if it is missing. Throws an Error that names it: it cannot be made or read, or somebody else has it. */
  constructor(path: string, lock: DirectoryLock | undefined) {
    this.path = path;
    this.lock = lock;
    try {
      makeDirectories(path, 0o700);
      this.real = realpathSync(path);
      this.fd = openSync(this.real, O_RDONLY | O_DIRECTORY);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new Error(`${path}: no state can be kept there (${code}); name another directory`);
    }
    this.own(PATIENCE_MS);
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
  }

  /** The text of a regular file; undefined: there is none. Throws an Error that names what is there instead. */
  read(name: string): string | undefined {
    const path = this.at(name);
    const shown = `${this.path}/${name}`;
    const refused = (what: string) => new Error(`${shown}: the saved state cannot be read (${what}); move it away`);
    let fd: number | undefined;
    try {
      // Before it is opened: that alone does something to many a device.
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return undefined;
      if (!stats.isFile()) throw refused(fileKind(stats));
      if (stats.size > MAX_BYTES) throw refused(`${stats.size} bytes, at most ${MAX_BYTES} are a device's`);
      fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
      return readFileSync(fd, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code === undefined ? error : refused(code);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }

  /** A reader, or a start after a power cut, finds the old file or the new. Throws an Error that says why not. */
  replace(name: string, text: string): void {
    let temporary: string | undefined;
    try {
      this.follow();
      temporary = this.at(`${name}.tmp`);
      // Left by one who was killed; never written through, should it be a link.
      rmSync(temporary, { force: true });
      const fd = openSync(temporary, 'wx', 0o600);
      try {
        writeFileSync(fd, text);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, this.at(name));
      fsyncSync(this.fd);
    } catch (error) {
      removed(temporary);
      const { code, message } = error as NodeJS.ErrnoException;
      throw new Error(`${this.path}/${name}: the state cannot be saved (${code ?? message}); the earlier one stays`);
    }
  }

  /** In the directory that is locked, wherever it is now. */
  private at(name: string): string {
    return `/proc/self/fd/${this.fd}/${name}`;
  }

  /** Its path may lead to another directory by now, made anew or swapped: that is then taken, if it can be. */
  private follow(): void {
    const [there, ours] = [statSync(this.real), fstatSync(this.fd)];
    if (there.ino === ours.ino && there.dev === ours.dev) return;
    const before = this.fd;
    this.fd = openSync(this.real, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      this.own(0);
      closeSync(before);
    } catch (error) {
      this.fd = before;
      throw error;
    }
  }

  /** Locks the descriptor, or closes it and throws. */
  private own(patienceMs: number): void {
    const { fd, lock } = this;
    if (lock === undefined) return;
    let locking = tryLock(fd, lock.lockFile);
    for (let waited = 0; locking.kind === 'taken' && waited < patienceMs; waited += ATTEMPT_MS) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ATTEMPT_MS);
      locking = tryLock(fd, lock.lockFile);
    }
    if (locking.kind === 'unlockable') {
      const why = `${this.path} cannot be locked (${locking.errno})`;
      lock.unlocked(`${why}: see that no other emulator keeps its state there`);
    } else if (locking.kind === 'taken') {
      closeSync(fd);
      throw new Error(`${this.path}: ${locking.holder} keeps its state there; end that one, or name another directory`);
    }
  }
}

function removed(temporary: string | undefined): void {
  try {
    if (temporary !== undefined) rmSync(temporary, { force: true });
  } catch {
    // It is no file, or the directory is read-only: it was said why.
  }
}
