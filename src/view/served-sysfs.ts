/**
 * Sysfs served by FUSE, where a plain file could not do what an attribute does: say 4096 for its size, fail a read with
 * EIO, refuse root by its mode bits, take a write. A device leaves no more than its name in each directory that it
 * shares with others (`Place`), and that not before somebody looks there; what stands under the name is made when it is
 * looked up, a directory at a time, and goes with the device.
 */
import { basename } from 'node:path';
import { Errno } from '../kernel/errno.ts';
import type { BytesNode, DirectoryNode, Entries, TextNode, TreeNode } from '../transport/fuse/tree.ts';
import { linkText, type SysfsBinary, type SysfsEntry, type SysfsFile, type SysfsTop } from './sysfs-entry.ts';

/** What every attribute's size is: a page (sysfs_add_file_mode_ns() of fs/sysfs/file.c). */
const ATTRIBUTE_BYTES = 4096;

/** kobject_actions[] of lib/kobject_uevent.c. */
const ACTIONS = new Set(['add', 'remove', 'change', 'move', 'online', 'offline', 'bind', 'unbind']);
const NO_ACTION = new Errno('EINVAL', 'the word is no action of a uevent', `write one of ${[...ACTIONS].join(', ')}`);
/** kernfs_get_active() of fs/kernfs/dir.c. */
const GONE = new Errno('ENODEV', 'the device of this open attribute has been unplugged');

/** What a device has in sysfs. */
export interface EntrySource {
  /** Called again for each look-up of a top. */
  tops(): Iterable<SysfsTop>;
  /** What those are called. */
  topNames(): Iterable<string>;
  /** Further ones, in directories of `latePlace`, called when somebody looks into those; absent: there are none. */
  late?(): Iterable<SysfsTop>;
}

/** Whose entries they are: they all go together. */
interface Owner {
  readonly source: EntrySource;
  gone: boolean;
}

/** Of what belongs to nobody and stays. */
const LASTING: Owner = { source: { tops: () => [], topNames: () => [] }, gone: false };

/** Devices whose tops are in no directory yet. */
class Waiting {
  private readonly owners = new Set<Owner>();
  private names: Set<string> | undefined;
  private readonly enter: (owner: Owner) => void;

  constructor(enter: (owner: Owner) => void) {
    this.enter = enter;
  }

  add(owner: Owner): void {
    this.owners.add(owner);
    this.names = undefined;
  }

  /** Whether it was there. */
  delete(owner: Owner): boolean {
    return this.owners.delete(owner);
  }

  /** Enters all of them; whether there was any. */
  settle(): boolean {
    if (this.owners.size === 0) return false;
    const owners = [...this.owners];
    this.owners.clear();
    this.names = undefined;
    for (const owner of owners) this.enter(owner);
    return true;
  }

  /** Whether one may have a top that is called so. */
  mayHave(top: string): boolean {
    if (this.owners.size === 0) return false;
    this.names ??= new Set(Array.from(this.owners, ({ source }) => [...source.topNames()]).flat());
    return this.names.has(top);
  }
}

export class ServedSysfs {
  private readonly waiting = new Waiting((owner) => this.enter(owner));
  /** Stands for /sys. */
  readonly root = new Place('', this.waiting);
  private readonly owners = new Map<string, Owner>();
  private readonly byPath = new Map<string, Place>();
  /** Directories that have asked for their late names. */
  private readonly asked = new Set<Place>();

  /**
   * Adds the entries of one device, by a name of the caller's: when somebody looks for them, or `now`, which makes the
   * directories where those are missing.
   */
  add(name: string, source: EntrySource, now: boolean): void {
    const owner: Owner = { source, gone: false };
    this.owners.set(name, owner);
    if (now) this.enter(owner);
    else this.waiting.add(owner);
    if (this.asked.size > 0) this.addLate(owner, (place) => this.asked.has(place));
  }

  private enter(owner: Owner): void {
    for (const [at, top] of owner.source.tops()) this.place(at).names.set(top, owner);
  }

  /** The directory, made where it is missing, in which names are late: nothing is done for them before it is read. */
  latePlace(path: string): Place {
    const place = this.place(path);
    if (!this.asked.has(place))
      place.ask = () => {
        place.ask = undefined;
        this.asked.add(place);
        for (const owner of this.owners.values()) this.addLate(owner, (each) => each === place);
      };
    return place;
  }

  private addLate(owner: Owner, wanted: (place: Place) => boolean): void {
    for (const [at, top] of owner.source.late?.() ?? []) {
      const place = this.byPath.get(at);
      if (place !== undefined && wanted(place)) place.names.set(top, owner);
    }
  }

  /** Takes a device's entries out, with all that is below them. */
  remove(name: string): void {
    const owner = this.owners.get(name);
    if (owner === undefined) return;
    owner.gone = true;
    this.owners.delete(name);
    if (!this.waiting.delete(owner)) for (const [at, top] of owner.source.tops()) this.place(at).names.delete(top);
    if (this.asked.size === 0) return;
    for (const [at, top] of owner.source.late?.() ?? []) this.byPath.get(at)?.names.delete(top);
  }

  /** Entries that stay; what is there already stays as it is. */
  addLasting(tops: Iterable<SysfsTop>): void {
    for (const [at, name, entry] of tops) this.put(`${at}/${name}`, nodeOf(entry, `${at}/${name}`, LASTING));
  }

  /** The same for a node that is no plain data; whether it was put. */
  put(path: string, node: TreeNode): boolean {
    const { names } = this.place(parentOf(path));
    const free = !names.has(basename(path));
    if (free) names.set(basename(path), node);
    return free;
  }

  /** Takes out one entry of those that stay; whether it was there. */
  drop(path: string): boolean {
    this.byPath.delete(path);
    return this.byPath.get(parentOf(path))?.names.delete(basename(path)) === true;
  }

  /** Whether a device has an entry of that path that nobody has looked up yet. */
  owns(path: string): boolean {
    if (this.waiting.mayHave(basename(path))) this.waiting.settle();
    const place = this.byPath.get(parentOf(path));
    place?.ask?.();
    const found = place?.names.get(basename(path));
    return found !== undefined && 'source' in found;
  }

  /** The directory, made where it is missing. Throws an Error where something else stands. */
  place(path: string): Place {
    let place = this.byPath.get(path);
    if (place === undefined) {
      const above = path.includes('/') ? this.place(parentOf(path)) : this.root;
      if (above.names.has(basename(path))) throw new Error(`/sys/${path} is no directory that devices share`);
      place = new Place(path, this.waiting);
      above.names.set(basename(path), place);
      this.byPath.set(path, place);
    }
    return place;
  }

  isPlace(path: string): boolean {
    return this.byPath.has(path);
  }

  /** Paths of all directories that are shared, parents first. */
  places(): string[] {
    return [...this.byPath.keys()];
  }
}

/** A directory that is shared: what is under a name is made when it is asked for. */
export class Place implements DirectoryNode, Entries {
  readonly kind = 'directory';
  readonly entries = this;
  /** Below /sys. */
  readonly path: string;
  /** An owner stands for its entry until somebody looks that up. */
  readonly names = new Map<string, TreeNode | Owner>();
  /** Shown beside, under names that are not taken: the machine's own. */
  beside: Entries | undefined;
  lasting = true;
  /** Brings the late names in, once; undefined: there are none, or they are in. */
  ask: (() => void) | undefined;
  private readonly waiting: Waiting;

  constructor(path: string, waiting: Waiting) {
    this.path = path;
    this.waiting = waiting;
  }

  get(name: string): TreeNode | undefined {
    this.ask?.();
    const found = this.names.get(name) ?? (this.waiting.settle() ? this.names.get(name) : undefined);
    if (found === undefined) return this.beside?.get(name);
    if (!('source' in found)) return found;
    const node = this.made(name, found, found.source.tops()) ?? this.made(name, found, found.source.late?.() ?? []);
    if (node !== undefined) this.names.set(name, node);
    return node;
  }

  private made(name: string, owner: Owner, tops: Iterable<SysfsTop>): TreeNode | undefined {
    for (const [at, top, entry] of tops)
      if (top === name && at === this.path) return nodeOf(entry, `${at}/${name}`, owner);
    return undefined;
  }

  *keys(): Generator<string> {
    this.ask?.();
    this.waiting.settle();
    yield* this.names.keys();
    for (const name of this.beside?.keys() ?? []) if (!this.names.has(name)) yield name;
  }
}

function nodeOf(entry: SysfsEntry, path: string, owner: Owner): TreeNode {
  if (entry.kind === 'link') return { kind: 'link', target: () => linkText(path, entry.to) };
  if (entry.kind === 'binary') return binaryOf(entry, basename(path), owner);
  if (entry.kind === 'file') return fileOf(entry, basename(path), owner);
  let made: Map<string, TreeNode> | undefined;
  return {
    kind: 'directory',
    get entries() {
      if (owner.gone) return NOTHING;
      made ??= new Map(
        Array.from(entry.entries(), ([name, below]) => [name, nodeOf(below, `${path}/${name}`, owner)] as const),
      );
      return made;
    },
  };
}

const NOTHING: Entries = new Map();

function fileOf({ mode, content, fails }: SysfsFile, name: string, owner: Owner): TextNode {
  const text: TextNode = {
    kind: 'text',
    mode,
    size: ATTRIBUTE_BYTES,
    read() {
      if (owner.gone) throw GONE;
      if (fails !== undefined) throw new Errno(fails, `${name} cannot be read`);
      return typeof content === 'string' ? content : content();
    },
  };
  return name === 'uevent' ? { ...text, write: takeAction } : text;
}

/** sysfs_kf_bin_read() and sysfs_kf_bin_write() of fs/sysfs/file.c. */
function binaryOf({ mode, size, read, write }: SysfsBinary, name: string, owner: Owner): BytesNode {
  const end = size === 0 ? Number.POSITIVE_INFINITY : size;
  return {
    kind: 'bytes',
    mode,
    size,
    read(offset, length, privileged) {
      if (owner.gone) throw GONE;
      if (offset >= end || length === 0) return NO_BYTES;
      if (read === undefined) throw new Errno('EIO', `${name} cannot be read`);
      return read(offset, Math.min(length, end - offset), privileged);
    },
    write(offset, bytes) {
      if (owner.gone) throw GONE;
      if (offset >= end) throw BEYOND;
      if (write === undefined) throw new Errno('EIO', `${name} cannot be written`);
      const part = bytes.subarray(0, end - offset);
      write(offset, part);
      return part.length;
    },
  };
}

const NO_BYTES = new Uint8Array();
const BEYOND = new Errno('EFBIG', 'the write begins at the end of the attribute, or behind it');

/** kobject_synth_uevent() of lib/kobject_uevent.c: the first word counts. Not sent: it cannot go to the view alone. */
function takeAction(bytes: Uint8Array): void {
  const [word = ''] = new TextDecoder().decode(bytes).split(/[\s\0]/);
  if (!ACTIONS.has(word)) throw NO_ACTION;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
