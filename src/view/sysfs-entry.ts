/**
 * Sysfs as plain data. A directory's entries are asked for when somebody looks into it, not before: 4096 devices with
 * hundreds of files each cost nothing until then (served-sysfs.ts).
 */
import type { ErrnoName } from '../abi/errno.ts';
import type { SysfsAttribute } from '../host/machine/host-device.ts';

export interface SysfsFile {
  readonly kind: 'file';
  readonly mode: number;
  /** Text, or what gives it at each read. */
  readonly content: string | (() => string);
  /** What every read fails with. */
  readonly fails?: ErrnoName;
}

/** A binary attribute: a read or write goes to its bytes at an offset. */
export interface SysfsBinary {
  readonly kind: 'binary';
  readonly mode: number;
  /** What stat(2) says; nothing beyond it is read or written. 0: it says its own end. */
  readonly size: number;
  /** `privileged`: who opened the file had CAP_SYS_ADMIN. Absent: every read is EIO, as of one that is mapped alone. */
  read?(offset: number, length: number, privileged: boolean): Uint8Array;
  /** Absent: every write is EIO. */
  write?(offset: number, bytes: Uint8Array): void;
}

export interface SysfsLink {
  readonly kind: 'link';
  /** What it leads to, as a path below /sys. */
  readonly to: string;
}

export interface SysfsDirectory {
  readonly kind: 'directory';
  /** Asked once, at the first look. */
  readonly entries: () => Iterable<NamedEntry>;
}

export type SysfsEntry = SysfsFile | SysfsBinary | SysfsLink | SysfsDirectory;
export type NamedEntry = readonly [name: string, entry: SysfsEntry];

/** An entry of a directory that it shares with others, `class/fwctl`, which is named by its path below /sys. */
export type SysfsTop = readonly [at: string, name: string, entry: SysfsEntry];

export function file(mode: number, content: SysfsFile['content'], fails?: ErrnoName): SysfsFile {
  return { kind: 'file', mode, content, ...(fails && { fails }) };
}

export function link(to: string): SysfsLink {
  return { kind: 'link', to };
}

export function directory(entries: () => Iterable<NamedEntry>): SysfsDirectory {
  return { kind: 'directory', entries };
}

/** A device's own attributes, `ram/size` in a directory, as entries of the device's. */
export function attributes(all: Iterable<SysfsAttribute>): NamedEntry[] {
  return nested(Array.from(all, ({ path, mode, content, fails }) => [path, file(mode, content, fails)]));
}

function nested(files: readonly (readonly [path: string, entry: SysfsFile])[]): NamedEntry[] {
  const flat: NamedEntry[] = [];
  const deeper = new Map<string, [string, SysfsFile][]>();
  for (const [path, entry] of files) {
    const slash = path.indexOf('/');
    const below = deeper.get(path.slice(0, slash));
    if (slash < 0) flat.push([path, entry]);
    else if (below !== undefined) below.push([path.slice(slash + 1), entry]);
    else deeper.set(path.slice(0, slash), [[path.slice(slash + 1), entry]]);
  }
  return [...flat, ...[...deeper].map(([name, below]): NamedEntry => [name, directory(() => nested(below))])];
}

/** The text of a sysfs link: up to the first directory that holds the target too, then down (fs/kernfs/symlink.c). */
export function linkText(path: string, to: string): string {
  const base = path.split('/').slice(0, -1);
  const target = to.split('/');
  let common = 0;
  while (common < base.length && common < target.length - 1 && base[common] === target[common]) common++;
  return '../'.repeat(base.length - common) + target.slice(common).join('/');
}
