/**
 * What comes and goes in the machine's /dev while a view has a directory of its own there: a name that comes is a link
 * to the real one, a name that goes is taken out, with what was bound onto it. The view's own names are left alone.
 */
import { closeSync, lstatSync, readlinkSync, readSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import type { Watch } from '../transport/native.ts';
import { HOST_DEV } from './plan.ts';
import { errnoText } from './view-error.ts';
import type { ViewNative } from './view-native.ts';

/** struct inotify_event of inotify(7); the name follows, padded with NUL. */
const event = { length: 12, name: 16 } as const;
/** More than the kernel keeps for one name. */
const BUFFER_BYTES = 65_536;

export class LateNodes {
  private readonly native: ViewNative;
  private readonly directory: string;
  /** Of inotify; negative: -errno. */
  private readonly fd: number;
  private watch: Watch | undefined;
  private place = '';
  /** Names of the machine's that the view has. */
  private readonly shown = new Set<string>();

  /** Notes from now on what happens. */
  constructor(native: ViewNative, directory = '/dev') {
    this.native = native;
    this.directory = directory;
    this.fd = native.watchNames(directory);
  }

  /** Lets it be seen in `place`, the view's directory, which has `names` of the machine's. Returns what is missed. */
  follow(place: string, names: readonly string[]): string[] {
    if (this.fd < 0) return [`what comes into ${this.directory} is not shown: ${errnoText(-this.fd)}`];
    this.place = place;
    for (const name of names) this.shown.add(name);
    this.watch = this.native.watch(this.fd, () => this.read());
    return [];
  }

  close(): void {
    if (this.watch !== undefined) this.native.unwatch(this.watch);
    if (this.fd >= 0) closeSync(this.fd);
  }

  private read(): void {
    const buffer = Buffer.alloc(BUFFER_BYTES);
    let bytes: number;
    try {
      bytes = readSync(this.fd, buffer);
    } catch {
      return; // EAGAIN: read already
    }
    for (let at = 0; at < bytes; ) {
      const length = buffer.readUInt32LE(at + event.length);
      const name = buffer.toString('utf8', at + event.name, at + event.name + length).replace(/\0.*$/s, '');
      if (name !== '') this.changed(name);
      at += event.name + length;
    }
  }

  /** Whatever happened to the name: what we have of it goes, and what there is now comes. */
  private changed(name: string): void {
    const path = `${this.place}/${name}`;
    if (this.shown.delete(name)) takeOut(path);
    const target = this.target(name);
    if (target === undefined) return;
    try {
      symlinkSync(target, path);
      this.shown.add(name);
    } catch {
      // EEXIST: the view's own, or the command's
    }
  }

  /** What a link to it says; undefined: there is no such name now. */
  private target(name: string): string | undefined {
    const path = `${this.directory}/${name}`;
    try {
      return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : `${HOST_DEV}/${name}`;
    } catch {
      return undefined;
    }
  }
}

/** A link, or a mount point: its mount, which is in the view alone, goes with it (detach_mounts(), fs/namespace.c). */
function takeOut(path: string): void {
  for (const remove of [unlinkSync, rmdirSync]) {
    try {
      remove(path);
      return;
    } catch {
      // a directory, or gone
    }
  }
}
