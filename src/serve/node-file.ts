/**
 * The place of a single node in /dev, for `serve` over FUSE: a file to mount on, made and removed here. A mount that a
 * killed predecessor left is taken away; whatever is not ours is refused and left as it is.
 */
import { closeSync, lstatSync, mkdirSync, openSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoName } from '../abi/errno.ts';
import { CliError } from '../host/config/cli-error.ts';
import type { Log } from '../host/machine/log.ts';
import { isOurs, mountAt } from '../transport/mount-table.ts';
import type { DirectorySystem } from './parts.ts';

export interface NodeFile {
  readonly path: string;
  /** Removes the file alone, on which nothing is mounted any more; `release` follows. */
  remove(): void;
  /** Removes the file, and its directory if we made that; nothing is mounted on it now. A second call does nothing. */
  release(): void;
}

/** The file, ready to be mounted on. Throws CliError where the path cannot be used. */
export async function takeNodeFile(path: string, system: DirectorySystem, log: Log): Promise<NodeFile> {
  const inherited = await clearMount(path, system, log);
  const directory = dirname(path);
  // the one that was killed made it; it goes if nothing else is in it
  let madeDirectory = inherited && directory !== '/dev';
  try {
    if (mkdirSync(directory, { recursive: true, mode: 0o755 }) !== undefined) madeDirectory = true;
    if (!inherited || !isPlaceholder(path)) closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw nodeIsThere(path);
    const remedy = 'run as root, or use "fwctl-emu run", which needs no root';
    throw new CliError(`serve: ${path} cannot be made (${code}); ${remedy}`);
  }
  let ours = true;
  const remove = () => {
    if (isPlaceholder(path)) unlinkSync(path);
  };
  return {
    path,
    remove,
    release() {
      if (!ours) return;
      ours = false;
      try {
        remove();
        if (madeDirectory) rmdirSync(directory);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT' && code !== 'ENOTEMPTY') log.warn('the node stays', { path, code });
      }
    },
  };
}

/** The kernel's own device has that name, or another emulator's. */
export function nodeIsThere(path: string): CliError {
  return new CliError(
    `serve: ${path} is there already (the kernel's own, or another emulator's); take its driver out, or give one command its own view with "fwctl-emu run"`,
  );
}

/** True: a dead mount of ours was there, and with it what it was mounted on. */
async function clearMount(path: string, system: DirectorySystem, log: Log): Promise<boolean> {
  const mount = mountAt(system.mountTable(), path);
  if (mount === undefined) return false;
  if (!isOurs(mount) || (await system.askMount(path)) !== 'dead') throw nodeIsThere(path);
  const result = system.unmountLazily(path);
  if (result < 0)
    throw new CliError(`serve: the dead mount of a killed fwctl-emu on ${path} stays (${errnoName(-result)})`);
  log.warn('took away the dead mount of a killed fwctl-emu', { path });
  return true;
}

/** What lay below a mount of ours: an empty file. */
function isPlaceholder(path: string): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isFile() && stat.size === 0;
  } catch {
    return false;
  }
}
