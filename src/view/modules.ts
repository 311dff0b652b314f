/**
 * The emulated kernel's modules: /sys/module/NAME (kernel/module/sysfs.c) and lines of /proc/modules
 * (kernel/module/procfs.c). Where the machine has a module of that name, its own is shown.
 */
import type { KernelModule } from '../host/machine/host-device.ts';
import { directory, file, link, type NamedEntry, type SysfsTop } from './sysfs-entry.ts';
import type { ViewDevice } from './view-device.ts';

export function modulesOf({ parents: [first] }: ViewDevice): readonly KernelModule[] {
  return (first?.bus === 'pci' && first.modules) || [];
}

/** Of all devices' drivers, each once, in the order of their devices. */
export function modulesOfAll(devices: readonly ViewDevice[]): KernelModule[] {
  const seen = new Set<unknown>();
  const all = new Map<string, KernelModule>();
  for (const device of devices) {
    const found = modulesOf(device);
    if (seen.size === seen.add(found).size) continue;
    for (const each of found) all.set(each.name, all.get(each.name) ?? each);
  }
  return [...all.values()];
}

function usersOf({ name }: KernelModule, all: readonly KernelModule[]): string[] {
  return all.filter(({ needs }) => needs.includes(name)).map((user) => user.name);
}

/**
 * `all`: those that there are, asked when somebody looks. Each has a directory that can be bound by itself: /sys/module
 * holds all of the machine's, and each of those bound into a FUSE tree would cost the start a hundred look-ups.
 */
export function moduleTops(modules: readonly KernelModule[], all: () => readonly KernelModule[]): SysfsTop[] {
  return modules.flatMap((each): SysfsTop[] => {
    const users = () => usersOf(each, all());
    const entries = (): NamedEntry[] => [
      ['coresize', file(0o444, `${each.size}\n`)],
      ['drivers', directory(() => each.drivers.map((driver) => [driver, link(driverPath(driver))]))],
      ['holders', directory(() => users().map((user) => [user, link(`module/${user}`)]))],
      ['initsize', file(0o444, '0\n')],
      ['initstate', file(0o444, 'live\n')],
      ['refcnt', file(0o444, () => `${users().length}\n`)],
      ['taint', file(0o444, '\n')],
      ['uevent', file(0o200, '')],
    ];
    const drivers = each.drivers.map((driver): SysfsTop => [driverPath(driver), 'module', link(`module/${each.name}`)]);
    return [...entries().map(([name, entry]): SysfsTop => [`module/${each.name}`, name, entry]), ...drivers];
  });
}

function driverPath(driver: string): string {
  const [bus, name] = driver.split(':');
  return `bus/${bus}/drivers/${name}`;
}

/** /proc/modules of the machine, or '' where it has none, with ours before: the newest come first. */
export function procModulesWith(text: string, modules: readonly KernelModule[]): string {
  const theirs = new Set([...text.matchAll(/^\S+/gm)].map(([name]) => name));
  const lines = modules
    .filter(({ name }) => !theirs.has(name))
    .map((each) => {
      const users = usersOf(each, modules);
      const by = users.length === 0 ? '-' : `${users.join(',')},`;
      return `${each.name} ${each.size} ${users.length} ${by} Live 0x0000000000000000\n`;
    });
  return lines.join('') + text;
}
