/**
 * The sysfs of a view: the devices' entries, and between them the machine's own: mount points for its directories and
 * files, and copies of its links. Those of /sys/dev/char are the machine's at the moment of the look-up.
 */
import type { KernelModule, SysfsParent } from '../host/machine/host-device.ts';
import type { TextNode } from '../transport/fuse/tree.ts';
import { hasPorts } from './cxl-ports.ts';
import { FreeNames } from './free-names.ts';
import { hostCpus, hostListing } from './host-facts.ts';
import { HostLinks } from './host-links.ts';
import { modulesOf, moduleTops } from './modules.ts';
import type { CpuNames } from './pci-sysfs.ts';
import { type EntrySource, type Place, ServedSysfs } from './served-sysfs.ts';
import type { Shadow } from './shadow.ts';
import type { SysfsTop } from './sysfs-entry.ts';
import { besideTops, type ClassNames, deviceTops, driverTops, topNames } from './sysfs-tree.ts';
import { pciRoot, type ViewDevice } from './view-device.ts';

/** Directories that are there before their first device is. */
const ALWAYS = [
  'class/fwctl',
  'bus/pci/devices',
  'bus/pci/drivers',
  'bus/auxiliary/devices',
  'bus/auxiliary/drivers',
  'devices',
  'dev/char',
] as const;

/** Directories of links, to which the machine's own are added as they are at the look-up. */
export const LINKS = /^class\/(net|infiniband)$/;

/** One object a device: there may be thousands. */
class DeviceEntries implements EntrySource {
  private readonly device: ViewDevice;
  private readonly cpus: CpuNames;
  private readonly names: ClassNames;

  constructor(device: ViewDevice, cpus: CpuNames, names: ClassNames) {
    this.device = device;
    this.cpus = cpus;
    this.names = names;
  }

  tops(): SysfsTop[] {
    return deviceTops(this.device, this.cpus, this.names);
  }

  topNames(): string[] {
    return topNames(this.device);
  }

  late(): SysfsTop[] {
    return besideTops(this.device, this.names);
  }
}

export class ViewSysfs {
  readonly served = new ServedSysfs();
  /** /sys/dev/char. */
  readonly char: Place;
  private readonly cpus = hostCpus();
  private readonly names = new FreeNames((name) => hostListing(`/sys/class/${name}`) ?? []);
  /** Drivers, with the root buses of their devices, and classes: their own entries and directories are there. */
  private readonly known = new Set<string>();
  /** Those of the drivers. */
  private readonly modules = new Map<string, KernelModule>();
  private readonly mountPoints: (Place | TextNode)[] = [];

  constructor(devices: readonly ViewDevice[]) {
    for (const path of ALWAYS) this.served.place(path);
    this.char = this.served.place('dev/char');
    this.char.beside = new HostLinks('/sys/dev/char');
    for (const device of devices) this.add(device);
  }

  /** The first of a kind, and on a root bus, is entered at once: all directories are there when the view is planned. */
  add(device: ViewDevice): void {
    const newBus = this.isNew(device.parents.map(rootOf));
    const newKind = this.isNew([...device.parents.map(kindOf), ...device.nodes.map((node) => node.class)]);
    if (newKind || (newBus && hasPorts(device))) this.addKind(device);
    this.served.add(device.name, new DeviceEntries(device, this.cpus, this.names), newKind || newBus);
  }

  /** Whether one of them was not known. */
  private isNew(kinds: readonly string[]): boolean {
    const { size } = this.known;
    for (const kind of kinds) this.known.add(kind);
    return this.known.size > size;
  }

  /** What is there once for all devices of a driver, and of one with ports for those of a root bus. */
  private addKind(device: ViewDevice): void {
    this.served.addLasting(driverTops(device));
    const modules = modulesOf(device);
    for (const each of modules) if (!this.modules.has(each.name)) this.modules.set(each.name, each);
    const theirs = new Set((hostListing('/sys/module') ?? []).map(({ name }) => name));
    const ours = modules.filter(({ name }) => !theirs.has(name));
    this.served.addLasting(moduleTops(ours, () => [...this.modules.values()]));
    for (const [at] of besideTops(device, this.names)) {
      const place = this.served.latePlace(at);
      if (LINKS.test(at)) place.beside ??= new HostLinks(`/sys/${at}`);
    }
  }

  remove(device: ViewDevice): void {
    this.served.remove(device.name);
  }

  /** Makes what the machine's own entries are bound onto, and copies of its links; paths are below /sys. */
  addMachine({ directories, files, links }: Pick<Shadow, 'directories' | 'files' | 'links'>): void {
    for (const path of directories) if (!this.served.isPlace(path)) this.mountPoint(this.served.place(path));
    for (const path of files) {
      const node: TextNode = { kind: 'text', mode: 0o444, read: () => '' };
      if (this.served.put(path, node)) this.mountPoint(node);
    }
    for (const { path, target } of links) this.served.put(path, { kind: 'link', target: () => target });
  }

  /** Takes out a mount point onto which nothing could be bound; false: there is none of that path. */
  drop(path: string): boolean {
    return this.served.drop(path);
  }

  /** The mount points that are there now stay. */
  settle(): void {
    for (const node of this.mountPoints.splice(0)) node.lasting = true;
  }

  private mountPoint(node: Place | TextNode): void {
    node.lasting = false;
    this.mountPoints.push(node);
  }
}

/** Which of its surroundings are shown belongs to it: the first with more of them brings their directories. */
function kindOf(parent: SysfsParent): string {
  return `${parent.bus} ${parent.driver} ${parent.bus === 'pci' ? (parent.shown ?? '') : ''}`;
}

function rootOf({ bus, name }: SysfsParent): string {
  return bus === 'pci' ? pciRoot(name) : '';
}
