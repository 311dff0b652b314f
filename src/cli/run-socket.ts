/**
 * The control socket of a `run`, in a directory that only its user may enter. A flock(2) on the directory, which ends
 * with its process however that ends, says that it lives: the next run takes those of killed ones away.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Listening } from '../control/listen.ts';
import { MAX_SOCKET_PATH } from '../control/protocol.ts';
import { somebodyListens } from '../host/machine/somebody-listens.ts';

const PREFIX = 'fwctl-emu-';
/** Before its name until the socket in it listens. */
const UNFINISHED = '.';
/** What mkdtemp(3) makes of it. */
const NAMES = /^\.?fwctl-emu-[A-Za-z0-9]{6}$/;
const SOCKET = 'control.sock';

/** Bytes of the longest path of a directory that such a directory can be made in. */
export const LONGEST_BASE: number = MAX_SOCKET_PATH - `/${UNFINISHED}${PREFIX}XXXXXX/${SOCKET}`.length;

/** flock(2), exclusive, without waiting: 0 or -errno. */
export type Lock = (fd: number) => number;

/** `listen` makes a listening socket at a path. */
export async function listenPrivately(
  base: string,
  lock: Lock,
  listen: (path: string) => Promise<Listening>,
): Promise<Listening> {
  const { unfinished, fd } = makeLocked(base, lock);
  const directory = join(base, basename(unfinished).slice(UNFINISHED.length));
  const path = join(directory, SOCKET);
  const remove = () => {
    quietly(unlinkSync, path);
    quietly(rmdirSync, directory);
    quietly(closeSync, fd);
  };
  try {
    const listening = await listen(join(unfinished, SOCKET));
    // Under its name it always listens: one that refuses a connection is dead, and not about to begin.
    renameSync(unfinished, directory);
    return {
      path,
      async finish() {
        remove();
        await listening.finish();
      },
      close() {
        listening.close();
        remove();
      },
    };
  } catch (error) {
    quietly(rmdirSync, unfinished);
    quietly(closeSync, fd);
    throw error;
  }
}

/** Another run may take it for a dead one's before the lock is on it, and remove it: then it is made again. */
function makeLocked(base: string, lock: Lock): { unfinished: string; fd: number } {
  for (;;) {
    const unfinished = mkdtempSync(join(base, UNFINISHED + PREFIX));
    const fd = openDirectory(unfinished);
    if (fd === undefined) continue;
    lock(fd); // a file system without locks has nothing taken away either
    if (existsSync(unfinished)) return { unfinished, fd };
    closeSync(fd);
  }
}

/** Undefined: there is none, or a link. */
function openDirectory(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
}

/** Takes away what killed runs of this user have left in `base`. Resolves when that is done; never rejects. */
export async function removeDeadSockets(base: string, lock: Lock): Promise<void> {
  let left: string[];
  try {
    left = readdirSync(base).filter((name) => NAMES.test(name));
  } catch {
    return; // nothing is known to be dead
  }
  await Promise.all(left.map((name) => removeIfDead(join(base, name), lock)));
}

async function removeIfDead(directory: string, lock: Lock): Promise<void> {
  const fd = openDirectory(directory);
  if (fd === undefined) return;
  try {
    const { uid, mode } = fstatSync(fd);
    if (uid !== process.geteuid?.() || (mode & 0o177777) !== 0o40700 || lock(fd) !== 0) return;
    const at = `/proc/self/fd/${fd}`; // this very directory, whatever has its name by now
    const found = readdirSync(at);
    // An empty one with a finished name is not what a run leaves.
    if (!found.includes(SOCKET) && !basename(directory).startsWith(UNFINISHED)) return;
    if (found.includes(SOCKET)) {
      const path = `${at}/${SOCKET}`;
      if (!lstatSync(path).isSocket() || (await somebodyListens(path))) return;
      unlinkSync(path);
    }
    rmdirSync(directory);
  } catch {
    // There is something else in it.
  } finally {
    closeSync(fd);
  }
}

function quietly<T>(remove: (what: T) => void, what: T): void {
  try {
    remove(what);
  } catch {
    // It has gone, or the command has put something beside it.
  }
}
