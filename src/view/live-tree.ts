/** Puts sysfs entries into a directory, takes them out: the daemon's end of the view's tmpfs, seen inside at once. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { SysfsEntry } from './sysfs-tree.ts';

/** Makes the entries below `root`, with the directories above them; what is there already stays as it is. */
export function addEntries(root: string, entries: readonly SysfsEntry[]): void {
  for (const entry of entries) {
    const path = `${root}/${entry.path}`;
    if (entry.kind === 'directory') makeDirectory(path);
    else unlessThere(() => makeLeaf(path, entry));
  }
}

function makeLeaf(path: string, entry: Exclude<SysfsEntry, { kind: 'directory' }>): void {
  makeDirectory(path.slice(0, path.lastIndexOf('/')));
  if (entry.kind === 'link') {
    symlinkSync(entry.target, path);
    return;
  }
  writeFileSync(path, entry.content, { flag: 'wx' });
  chmodSync(path, entry.mode); // whatever the umask
}

/** Takes entries out, the last first: names that lead to a device go before it. Missing ones are no error. */
export function removeEntries(root: string, entries: readonly SysfsEntry[]): void {
  for (const entry of entries.toReversed()) rmSync(`${root}/${entry.path}`, { recursive: true, force: true });
}

/** Makes a directory of mode 0755 and those above it. */
export function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = at.slice(0, at.lastIndexOf('/'))) chmodSync(at, 0o755);
}

function unlessThere(make: () => void): void {
  try {
    make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
