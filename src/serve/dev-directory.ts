/**
 * The directory of the nodes, /dev/fwctl or `--dev-dir`: may `serve` use it, who made it, and its removal.
 * A mount that a killed predecessor left is taken away; whatever is not ours is refused and left as it is.
 */
import { lstatSync, mkdirSync, readdirSync, realpathSync, rmdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { errnoName } from '../abi/errno.ts';
import { CliError } from '../host/config/cli-error.ts';
import type { Log } from '../host/machine/log.ts';
import { isOurs, type Mount, mountAt } from '../transport/mount-table.ts';
import type { DirectorySystem, MountAnswer } from './parts.ts';

/** What stands at the path. Only one thing is looked at when there is a mount: the mount. */
export type DirectoryState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'not-a-directory' }
  | { readonly kind: 'directory'; readonly entries: readonly string[] }
  | { readonly kind: 'mount'; readonly mount: Mount; readonly answer: MountAnswer | undefined };

export type Verdict =
  | { readonly act: 'create' | 'use' | 'unmount' }
  | { readonly act: 'refuse'; readonly why: string; readonly remedy: string };

/** Killed predecessors may lie on top of each other; more than that is somebody's game. */
const MOST_STALE = 16;

/** The rule for each state. `answer` of a mount that is not ours is not asked for. */
export function judgeDirectory(state: DirectoryState): Verdict {
  switch (state.kind) {
    case 'absent':
      return { act: 'create' };
    case 'not-a-directory':
      return { act: 'refuse', why: 'it is not a directory', remedy: 'move it away, or choose another with --dev-dir' };
    case 'directory':
      return state.entries.length === 0 ? { act: 'use' } : refuseEntries(state.entries);
    case 'mount':
      return isOurs(state.mount) ? judgeOurs(state.answer) : refuseForeign(state.mount);
  }
}

function judgeOurs(answer: MountAnswer | undefined): Verdict {
  if (answer === 'dead') return { act: 'unmount' };
  const why =
    answer === 'silent'
      ? 'another fwctl-emu serves it and does not answer (is it stopped?)'
      : 'another fwctl-emu serves it already';
  const remedy = 'end that one ("pgrep -af fwctl-emu" finds it), or choose another with --dev-dir';
  return { act: 'refuse', why, remedy };
}

function refuseForeign(mount: Mount): Verdict {
  const why = `a file system that is not ours is mounted there (type ${mount.fstype}, source "${mount.source}")`;
  return { act: 'refuse', why, remedy: 'unmount it if nobody needs it, or choose another with --dev-dir' };
}

function refuseEntries(entries: readonly string[]): Verdict {
  const shown = entries.slice(0, 3).join(', ') + (entries.length > 3 ? ', ...' : '');
  const real = entries.some((entry) => /^fwctl\d+$/.test(entry));
  const why = real
    ? `there are fwctl devices in it (${shown}), of the kernel's own fwctl or of another emulator on CUSE`
    : `it is not empty (${shown})`;
  const remedy = 'choose another with --dev-dir, or give one command its own view with "fwctl-emu run"';
  return { act: 'refuse', why, remedy };
}

export interface DevDirectory {
  readonly path: string;
  /** Removes the directory if we made it; nothing is mounted on it any more. A second call does nothing. */
  release(): void;
}

/** Clears the path of dead mounts of ours; throws CliError where it may not be used. Makes nothing. */
export async function clearDirectory(
  path: string,
  system: DirectorySystem,
  log: Log,
): Promise<{ path: string; absent: boolean; inherited: boolean }> {
  const real = realPath(path);
  for (let cleared = 0; ; cleared++) {
    const verdict = judgeDirectory(await directoryState(real, system));
    if (verdict.act === 'refuse')
      throw new CliError(`serve: ${real} cannot be used: ${verdict.why}; ${verdict.remedy}`);
    if (verdict.act !== 'unmount') return { path: real, absent: verdict.act === 'create', inherited: cleared > 0 };
    const result = cleared < MOST_STALE ? system.unmountLazily(real) : -1;
    if (result < 0) {
      const stays = `the dead mount of a killed fwctl-emu on ${real} stays (${errnoName(-result)})`;
      throw new CliError(`serve: ${stays}; try: umount -l ${real}`);
    }
    log.warn('took away the dead mount of a killed fwctl-emu', { path: real });
  }
}

/** The directory, ready to be mounted on. */
export async function takeDirectory(path: string, system: DirectorySystem, log: Log): Promise<DevDirectory> {
  const { path: real, absent, inherited } = await clearDirectory(path, system, log);
  if (absent) makeDirectory(real);
  // An empty /dev/fwctl below a dead mount of ours was made by the killed one; elsewhere it may be the user's own.
  let ours = absent || (inherited && dirname(real) === '/dev');
  return {
    path: real,
    release() {
      if (!ours) return;
      ours = false;
      try {
        rmdirSync(real);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT') log.warn('the directory stays', { path: real, code });
      }
    },
  };
}

/** What stands at the path, which is in the mount table's spelling. Throws CliError where that cannot be seen. */
export async function directoryState(path: string, system: DirectorySystem): Promise<DirectoryState> {
  const mount = mountAt(system.mountTable(), path);
  if (mount) return { kind: 'mount', mount, answer: isOurs(mount) ? await system.askMount(path) : undefined };
  try {
    if (!lstatSync(path).isDirectory()) return { kind: 'not-a-directory' };
    return { kind: 'directory', entries: readdirSync(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'absent' };
    throw new CliError(`serve: ${path} cannot be looked at (${code}); run as root, or choose another with --dev-dir`);
  }
}

/** As the mount table has it: absolute, no links in its parents. The last part is not followed: maybe a dead mount. */
function realPath(path: string): string {
  const absolute = resolve(path);
  const parent = dirname(absolute);
  try {
    return join(realpathSync(parent), basename(absolute));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = `its parent ${parent} is not there (${code}); make that first`;
    throw new CliError(`serve: ${absolute} cannot be made: ${why}`);
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const remedy = 'run as root, choose another with --dev-dir, or use "fwctl-emu run", which needs no root';
    throw new CliError(`serve: ${path} cannot be made (${code}); ${remedy}`);
  }
}
