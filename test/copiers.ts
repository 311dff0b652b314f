/** The copiers (native/copier.c) that live as children of that process. */
import { readFileSync, readlinkSync } from 'node:fs';

export function copiersOf(pid: number): string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.filter((child) => programOf(child).endsWith('/copier'));
}

/** '' of one that has ended and is not reaped yet. */
function programOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}
