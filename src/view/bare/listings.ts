/**
 * What stands for directories and texts of ours when a caller opens them: real ones in a private directory, made then,
 * whose descriptors the caller gets. A listing has the right names and types, and nothing in it.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { NotifyNative } from '../../transport/native.ts';

/** An entry of a listing; a link's text. */
export type Listed = 'directory' | 'file' | 'character' | { readonly target: string };

export class Listings {
  /** Has a path of the view below it as it is in the view. */
  readonly root: string;
  private readonly native: Pick<NotifyNative, 'makeNode'>;

  constructor(base: string, native: Pick<NotifyNative, 'makeNode'>) {
    this.root = mkdtempSync(join(base, 'fwctl-emu-view-'));
    this.native = native;
  }

  /** The directory that stands for that of the view, with these entries: its path. */
  directory(path: string, entries: ReadonlyMap<string, Listed>): string {
    const at = this.root + path;
    mkdirSync(at, { recursive: true });
    const there = new Set(readdirSync(at));
    for (const name of there) if (!entries.has(name)) rmSync(`${at}/${name}`, { recursive: true, force: true });
    for (const [name, listed] of entries) if (!there.has(name)) this.make(`${at}/${name}`, listed);
    return at;
  }

  /** A file with that content: its path. Who has an older one open keeps that. */
  file(path: string, content: string | Uint8Array): string {
    const at = this.root + path;
    mkdirSync(dirname(at), { recursive: true });
    if (existsSync(at)) {
      if (statSync(at).isFile() && Buffer.compare(readFileSync(at), Buffer.from(content)) === 0) return at;
      unlinkSync(at);
    }
    writeFileSync(at, content);
    return at;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private make(at: string, listed: Listed): void {
    if (listed === 'directory') mkdirSync(at);
    else if (typeof listed === 'object') symlinkSync(listed.target, at);
    else if (listed === 'file' || this.native.makeNode(at) < 0) writeFileSync(at, '');
    if (listed === 'directory') chmodSync(at, 0o755);
  }
}
