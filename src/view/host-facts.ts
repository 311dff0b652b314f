/** What the real machine has, as the plan of a view asks for it. Read in the daemon's own namespaces. */
import { accessSync, constants, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { CpuNames } from './pci-sysfs.ts';
import type { DirectoryEntry } from './shadow.ts';

/** A directory's entries; undefined when it is none or may not be read. Entries that vanish meanwhile are left out. */
export function hostListing(path: string): readonly DirectoryEntry[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry): DirectoryEntry[] => {
      if (entry.isDirectory()) return [{ name: entry.name, kind: 'directory' }];
      if (!entry.isSymbolicLink()) return [{ name: entry.name, kind: 'other' }];
      const target = orUndefined(() => readlinkSync(`${path}/${entry.name}`));
      return target === undefined ? [] : [{ name: entry.name, kind: 'link', target }];
    });
  } catch {
    return undefined;
  }
}

/** Ranges in which the kernel looks for a free major number, from the top down (fs/char_dev.c, find_dynamic_major). */
const DYNAMIC_MAJORS = [
  [254, 234],
  [511, 384],
] as const;

/**
 * The major number that the kernel would give to a subsystem, by the text of /proc/devices; `taken`: those that are
 * given away already.
 */
export function freeMajor(procDevices: string, ...taken: readonly number[]): number {
  const characters = procDevices.split(/^Block devices:/m)[0] ?? '';
  const used = new Set([...taken, ...[...characters.matchAll(/^ *(\d+) /gm)].map((row) => Number(row[1]))]);
  for (const [from, to] of DYNAMIC_MAJORS) {
    for (let major = from; major >= to; major--) if (!used.has(major)) return major;
  }
  throw new Error('no character device major number is free');
}

/** /proc/devices with a subsystem, fwctl unless told, among the character devices. */
export function procDevicesWith(text: string, major: number, name = 'fwctl'): string {
  // one row for all of them, as for the kernel's own fwctl, instead of CUSE's one for each node
  const procDevices = text.replace(/^ *\d+ fwctl(-emu-\d+(\.\w+)?)?!.*\n/gm, '');
  const row = `${String(major).padStart(3)} ${name}\n`;
  const end = procDevices.search(/^\n?Block devices:/m);
  if (end < 0) return `Character devices:\n${row}`;
  return procDevices.slice(0, end) + row + procDevices.slice(end);
}

/** Dynamic minor numbers of the misc class count from here (MISC_DYNAMIC_MINOR + 1 of include/linux/miscdevice.h). */
const FIRST_DYNAMIC_MISC = 256;

/** A misc device's minor number: its own, or, where the machine has given that dynamic one away, the next free. */
export function miscMinor(
  procMisc: string,
  { name, minor }: { readonly name: string; readonly minor: number },
): number {
  const rows = [...procMisc.matchAll(/^ *(\d+) (\S+)$/gm)].filter(([, , other]) => other !== name);
  const used = new Set(rows.map(([, number]) => Number(number)));
  let free = minor;
  while (free >= FIRST_DYNAMIC_MISC && used.has(free)) free++;
  return free;
}

/** /proc/misc with these devices: those registered last come first (misc_register() of drivers/char/misc.c). */
export function procMiscWith(
  text: string,
  nodes: readonly { readonly name: string; readonly minor: number }[],
): string {
  const names = new Set(nodes.map(({ name }) => name));
  const others = text.split('\n').filter((line) => line !== '' && !names.has(line.trim().split(' ')[1] ?? ''));
  const rows = nodes.map(({ name, minor }) => `${String(minor).padStart(3)} ${name}`).reverse();
  return `${[...rows, ...others].join('\n')}\n`;
}

/** /proc/misc, or '' where it is masked. */
export function hostProcMisc(): string {
  return orUndefined(() => readFileSync('/proc/misc', 'utf8')) ?? '';
}

/** /proc/modules; undefined: the machine's kernel has no modules, or it is masked. */
export function hostProcModules(): string | undefined {
  return orUndefined(() => readFileSync('/proc/modules', 'utf8'));
}

/** /proc/devices, or '' where it is masked. */
export function hostProcDevices(): string {
  return orUndefined(() => readFileSync('/proc/devices', 'utf8')) ?? '';
}

/** The processors that are online; the first one where sysfs does not say. */
export function hostCpus(): CpuNames {
  return cpuNames(orUndefined(() => readFileSync('/sys/devices/system/cpu/online', 'utf8')) ?? '0');
}

/** From a list such as `0-3,8`: the same, and the mask in 32-bit words, the highest first (lib/vsprintf.c, %*pb). */
export function cpuNames(list: string): CpuNames {
  let mask = 0n;
  for (const [, first, last] of list.matchAll(/(\d+)(?:-(\d+))?/g)) {
    for (let cpu = Number(first); cpu <= Number(last ?? first); cpu++) mask |= 1n << BigInt(cpu);
  }
  const digits = mask.toString(16);
  const words = digits.padStart(Math.ceil(digits.length / 8) * 8, '0').match(/.{8}/g) ?? [];
  return { list: list.trim(), mask: words.join(',').replace(/^0+(?=.)/, '') };
}

/**
 * A directory that a view's tmpfs can lie on while the view is made: in its own mounts, so that nobody else sees it,
 * and before anything is started in there. Nothing has to be written or removed outside.
 */
export function coveredDirectory(): string {
  const path = COVERED.find((each) => statSync(each, { throwIfNoEntry: false })?.isDirectory());
  if (path === undefined) throw new Error(`there is none of ${COVERED.join(', ')}: make one of these directories`);
  return path;
}

/** Every system has one, everybody may pass, and no part of a view comes from there. */
const COVERED = ['/usr', '/etc', '/bin', '/lib', '/mnt', '/tmp'];

/**
 * Where a private directory can be made, one with a path of at most `longest` bytes: never below what a view replaces.
 * A relative TMPDIR is that of the working directory; one that is not there, or may not be written to, is passed over.
 */
export function privateBase(runtimeDirectory: string | undefined, longest = PATH_MAX): string {
  for (const path of [runtimeDirectory, resolve(tmpdir()), '/tmp', '/var/tmp']) {
    if (path === undefined || !path.startsWith('/') || /^\/(dev|sys|proc)(\/|$)/.test(path)) continue;
    if (Buffer.byteLength(path) <= longest && writable(path)) return path;
  }
  throw new Error('no directory with a short path can be written to: set XDG_RUNTIME_DIR to one');
}

/** include/uapi/linux/limits.h */
const PATH_MAX = 4096;

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
