/** A directory with its parents. Node's own mkdir of them never ends at ENOENT in a directory that is there (/proc). */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** True: it was made. Parents are made with that mode. Throws as mkdir(2) refuses, also where it is no directory. */
export function makeDirectories(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return false;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeDirectories(dirname(path), mode);
    mkdirSync(path, { mode });
    return true;
  }
}
