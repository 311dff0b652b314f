/** The control socket of a `run`, in a directory that only its user may enter. The next takes a killed one's away. */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Listening } from '../control/listen.ts';

const PREFIX = 'fwctl-emu-';
/** What mkdtemp(3) makes of it. */
const NAMES = /^fwctl-emu-[A-Za-z0-9]{6}$/;
const SOCKET = 'control.sock';
/** Its name until it listens. */
const UNFINISHED = 'new.sock';

/** `listen` makes a listening socket at a path. */
export async function listenPrivately(base: string, listen: (path: string) => Promise<Listening>): Promise<Listening> {
  const directory = mkdtempSync(join(base, PREFIX));
  const path = join(directory, SOCKET);
  const quietly = (remove: (path: string) => void, what: string) => {
    try {
      remove(what);
    } catch {
      // It has gone, or the command has put something beside it.
    }
  };
  try {
    const listening = await listen(join(directory, UNFINISHED));
    // Under its name it always listens: one that refuses a connection is dead, and not about to begin.
    renameSync(join(directory, UNFINISHED), path);
    const remove = () => {
      quietly(unlinkSync, path);
      quietly(rmdirSync, directory);
    };
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
    quietly(rmdirSync, directory);
    throw error;
  }
}

/** Takes away what killed runs of this user have left in `base`. Resolves when that is done; never rejects. */
export async function removeDeadSockets(base: string): Promise<void> {
  try {
    const left = readdirSync(base).filter((name) => NAMES.test(name));
    if (left.length === 0) return;
    // Those of the living are known by the name they were bound to: a connection would make them load what serves it.
    const bound = readFileSync('/proc/net/unix', 'utf8');
    const silent = left
      .map((name) => join(base, name))
      .filter((path) => !bound.includes(` ${join(path, UNFINISHED)}\n`));
    await Promise.all(silent.map(removeIfDead));
  } catch {
    // A directory that may not be read, or no /proc/net: nothing is known to be dead.
  }
}

async function removeIfDead(directory: string): Promise<void> {
  const path = join(directory, SOCKET);
  try {
    const { uid, mode } = lstatSync(directory);
    const own = uid === process.geteuid?.() && (mode & 0o177777) === 0o40700;
    if (!own || !lstatSync(path).isSocket() || !(await refuses(path))) return;
    unlinkSync(path);
    rmdirSync(directory);
  } catch {
    // No socket of ours, or another has been faster.
  }
}

/** Nobody listens, and nobody will: the process that made it has ended. */
function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}
