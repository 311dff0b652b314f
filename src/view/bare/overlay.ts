/**
 * The machine's files with ours among them, for a view without mounts: where a path leads, component by component, as a
 * walk of the kernel's would (path_lookupat() of fs/namei.c). A directory of ours shows the machine's entries of the
 * same path beside its own, unless it shows ours alone.
 */
import { lstatSync, readlinkSync } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import type { Caller } from '../../kernel/caller.ts';
import { type DirectoryNode, isThere, type TreeNode } from '../../transport/fuse/tree.ts';

/** Where a walk has ended. */
export type Reached =
  | { readonly kind: 'ours'; readonly path: string; readonly node: TreeNode }
  /**
   * A path of the machine's, with no link left in it but the last component; whether anything is there is not said.
   * `crossed`: the caller's own kernel would not come there.
   */
  | { readonly kind: 'machine'; readonly path: string; readonly crossed: boolean }
  /** Nothing is there in a directory that shows ours alone, or the path goes on behind a file. */
  | { readonly kind: 'nothing'; readonly errno: number };

/** MAXSYMLINKS of include/linux/namei.h. */
const MOST_LINKS = 40;

interface At {
  readonly path: string;
  /** Undefined: the directory is the machine's alone. */
  readonly ours: DirectoryNode | undefined;
}

export class Overlay {
  private readonly root: DirectoryNode;
  private readonly isAlone: (path: string) => boolean;

  /** `isAlone`: whether a directory of ours shows nothing of the machine's. */
  constructor(root: DirectoryNode, isAlone: (path: string) => boolean) {
    this.root = root;
    this.isAlone = isAlone;
  }

  /** Whether the directory of ours at the path has entries of the machine's too. */
  isMerged(path: string): boolean {
    return !this.isAlone(path);
  }

  /** Follows the absolute path; its last component too, if `follow`. */
  walk(path: string, follow: boolean, caller: Caller): Reached {
    const rest = componentsOf(path);
    const wantsDirectory = path.endsWith('/');
    const stack: At[] = [{ path: '', ours: this.root }];
    let [crossed, links] = [false, 0];
    for (;;) {
      const at = stack.at(-1) as At;
      const name = rest.shift();
      if (name === undefined) return endOf(at, crossed);
      if (name === '..') {
        if (stack.length > 1) stack.pop();
        continue;
      }
      const next = `${at.path}/${name}`;
      const last = rest.length === 0;
      const found = at.ours?.entries.get(name);
      let target: string | undefined;
      if (isThere(found, caller)) {
        if (found.kind === 'directory') {
          crossed ||= !this.isMerged(next);
          stack.push({ path: next, ours: found });
          continue;
        }
        if (found.kind !== 'link' || (last && !follow && !wantsDirectory))
          return last && !wantsDirectory
            ? { kind: 'ours', path: next, node: found }
            : { kind: 'nothing', errno: ERRNO.ENOTDIR };
        target = found.target(caller) ?? '';
        crossed = true;
      } else if (at.ours !== undefined && !this.isMerged(at.path)) {
        return { kind: 'nothing', errno: ERRNO.ENOENT };
      } else {
        const machine = machineEntry(at.path === '/proc' && name === 'self' ? `/proc/${caller.tid}` : next);
        if (machine === 'directory') {
          stack.push({ path: next, ours: undefined });
          continue;
        }
        if (machine === 'nothing' && !last) return { kind: 'nothing', errno: ERRNO.ENOENT };
        if (machine === 'nothing' || machine === 'file' || (last && !follow))
          return last ? { kind: 'machine', path: next, crossed } : { kind: 'nothing', errno: ERRNO.ENOTDIR };
        target = machine.target;
      }
      if (++links > MOST_LINKS) return { kind: 'nothing', errno: ERRNO.ELOOP };
      rest.unshift(...componentsOf(target));
      if (target.startsWith('/')) stack.length = 1;
    }
  }
}

function endOf({ path, ours }: At, crossed: boolean): Reached {
  if (ours !== undefined) return { kind: 'ours', path: path || '/', node: ours };
  return { kind: 'machine', path, crossed };
}

function componentsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function machineEntry(path: string): 'nothing' | 'file' | 'directory' | { readonly target: string } {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) return { target: readlinkSync(path) };
    if (found === undefined) return 'nothing';
    return found.isDirectory() ? 'directory' : 'file';
  } catch {
    return 'nothing'; // not ours to look into: whoever may not pass there is told so by the call itself
  }
}
