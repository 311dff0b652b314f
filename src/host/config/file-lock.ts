/**
 * A file or directory for one emulator at a time: flock(2), which a killed process lets go. The system call is beneath
 * this room, and given to it.
 */
import { fstatSync, readFileSync } from 'node:fs';
import { errnoName } from '../../abi/errno.ts';

/** flock(2), exclusive, without waiting: 0 or -errno. */
export type LockFile = (fd: number) => number;

export type Locking =
  | { readonly kind: 'locked' }
  /** `holder`: `another emulator`, and its process where that is seen. */
  | { readonly kind: 'taken'; readonly holder: string }
  /** The file system has no locks (NFS). */
  | { readonly kind: 'unlockable'; readonly errno: string };

/** The lock lasts as long as the descriptor. */
export function tryLock(fd: number, lockFile: LockFile): Locking {
  const result = lockFile(fd);
  if (result === 0) return { kind: 'locked' };
  const errno = errnoName(-result);
  if (errno !== 'EAGAIN') return { kind: 'unlockable', errno };
  const pid = lockHolder(fstatSync(fd).ino);
  return { kind: 'taken', holder: pid === undefined ? 'another emulator' : `another emulator, process ${pid},` };
}

/**
 * Whose flock(2) is on that inode, by proc_locks(5): `1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF`. Not by the
 * device, which is another one to stat(2) where a file system has several (btrfs, overlay). Undefined: it is not seen.
 */
function lockHolder(inode: number): number | undefined {
  let table: string;
  try {
    table = readFileSync('/proc/locks', 'utf8');
  } catch {
    return undefined;
  }
  for (const line of table.split('\n')) {
    const [, kind, , , pid, place = ''] = line.split(/\s+/);
    if (kind === 'FLOCK' && place.endsWith(`:${inode}`) && Number(pid) > 0) return Number(pid);
  }
  return undefined;
}
