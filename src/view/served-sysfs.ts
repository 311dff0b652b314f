/**
 * Sysfs entries served by FUSE, where a plain file of the view's tmpfs could not do what an attribute does: say 4096
 * for its size, fail a read with EIO, refuse root by its mode bits, take a write. The tree is live, as the tmpfs is.
 */
import { basename } from 'node:path';
import { Errno } from '../kernel/errno.ts';
import { type DirectoryNode, directory, type TextNode, type TreeNode } from '../transport/fuse/tree.ts';
import type { SysfsEntry } from './sysfs-tree.ts';

/** What every attribute's size is: a page (sysfs_add_file_mode_ns() of fs/sysfs/file.c). Binary files say their own. */
const ATTRIBUTE_BYTES = 4096;

/** kobject_actions[] of lib/kobject_uevent.c. */
const ACTIONS = new Set(['add', 'remove', 'change', 'move', 'online', 'offline', 'bind', 'unbind']);
const NO_ACTION = new Errno('EINVAL', 'the word is no action of a uevent', `write one of ${[...ACTIONS].join(', ')}`);

export class ServedSysfs {
  /** Stands for /sys. */
  readonly root: DirectoryNode = directory();

  /** Makes the entries, with the directories above them; what is there already stays as it is. */
  add(entries: readonly SysfsEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'directory') this.directoryAt(entry.path);
      else this.put(entry.path, leafOf(entry));
    }
  }

  /** A directory or an empty file for the machine's own entry to be bound onto. */
  addPlace(path: string, kind: 'directory' | 'file'): void {
    if (kind === 'directory') this.directoryAt(path);
    else this.put(path, { kind: 'text', mode: 0o444, read: () => '' });
  }

  addLink(path: string, target: string): void {
    this.put(path, { kind: 'link', target: () => target });
  }

  /** Takes entries out, with all that is below them. Missing ones are no error. */
  remove(paths: readonly string[]): void {
    for (const path of paths) {
      const parent = this.find(path.slice(0, path.lastIndexOf('/')));
      if (parent?.kind === 'directory') parent.entries.delete(basename(path));
    }
  }

  private put(path: string, node: TreeNode): void {
    const { entries } = this.directoryAt(path.slice(0, path.lastIndexOf('/')));
    if (!entries.has(basename(path))) entries.set(basename(path), node);
  }

  private directoryAt(path: string): DirectoryNode {
    let at = this.root;
    for (const name of path.split('/')) {
      const next = at.entries.get(name) ?? directory();
      if (next.kind !== 'directory') throw new Error(`${path}: ${name} is no directory`);
      at.entries.set(name, next);
      at = next;
    }
    return at;
  }

  private find(path: string): TreeNode | undefined {
    let at: TreeNode | undefined = this.root;
    for (const name of path.split('/')) at = at?.kind === 'directory' ? at.entries.get(name) : undefined;
    return at;
  }
}

function leafOf(entry: Exclude<SysfsEntry, { kind: 'directory' }>): TreeNode {
  if (entry.kind === 'link') return { kind: 'link', target: () => entry.target };
  const { mode, content, fails } = entry;
  const refusal = fails === undefined ? undefined : new Errno(fails, `${basename(entry.path)} cannot be read`);
  const text: TextNode = {
    kind: 'text',
    mode,
    size: typeof content === 'string' ? ATTRIBUTE_BYTES : content.length,
    read() {
      if (refusal !== undefined) throw refusal;
      return content;
    },
  };
  return basename(entry.path) === 'uevent' ? { ...text, write: takeAction } : text;
}

/** kobject_synth_uevent() of lib/kobject_uevent.c: the first word counts. Not sent: it cannot go to the view alone. */
function takeAction(bytes: Uint8Array): void {
  const [word = ''] = new TextDecoder().decode(bytes).split(/[\s\0]/);
  if (!ACTIONS.has(word)) throw NO_ACTION;
}
