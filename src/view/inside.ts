/** The daemon's hand inside a view: its tmpfs (/sys, /proc/sys/kernel/tainted, /proc/devices), FUSE's part of /sys. */
import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type LockdownLevel, lockdownText } from '../kernel/lockdown.ts';
import type { Skipped } from './channel.ts';
import { hostCpus, hostProcDevices, hostProcMisc, procDevicesWith, procMiscWith } from './host-facts.ts';
import { addEntries, makeDirectory, removeEntries } from './live-tree.ts';
import { hasMisc, type ViewPlan } from './plan.ts';
import { ServedSysfs } from './served-sysfs.ts';
import { charEntries, deviceEntries, driverEntries, type SysfsEntry } from './sysfs-tree.ts';
import { TaintFile } from './tainted.ts';
import { liveDirectories, type ViewDevice } from './view-device.ts';

export class Inside {
  readonly taint: TaintFile;
  /** What the FUSE tree has for `sys`. */
  readonly sysfs = new ServedSysfs();
  private readonly root: string;
  /** Directories below /sys that are of `sysfs`, `devices/pci0000:00`. */
  private readonly served: readonly string[];
  private readonly linksInChar: boolean;
  private readonly cpus = hostCpus();

  /**
   * `root`: a path to the tmpfs. Makes the mount points and links of the plan and the devices' entries.
   * `linksInChar`: /sys/dev/char is made here too, not served by FUSE.
   */
  constructor(
    root: string,
    { skeleton, served }: Pick<ViewPlan, 'skeleton' | 'served'>,
    linksInChar: boolean,
    devices: readonly ViewDevice[],
  ) {
    this.root = root;
    this.linksInChar = linksInChar;
    this.served = served.places.map(belowSys);
    for (const path of [...served.places, ...served.skeleton.directories])
      this.sysfs.addPlace(belowSys(path), 'directory');
    for (const path of served.skeleton.files) this.sysfs.addPlace(belowSys(path), 'file');
    for (const { path, target } of served.skeleton.links) this.sysfs.addLink(belowSys(path), target);
    for (const path of skeleton.directories) makeDirectory(`${root}/${path}`);
    for (const path of skeleton.files) writeFileSync(`${root}/${path}`, '', { flag: 'wx' });
    for (const { path, target } of skeleton.links) symlinkSync(target, `${root}/${path}`);
    for (const device of devices) this.add(device);
    this.taint = new TaintFile(`${root}/tainted`);
    const nodes = devices.flatMap((device) => device.nodes);
    const majors = liveDirectories(devices).flatMap((name) => nodes.find((node) => node.class === name) ?? []);
    const procDevices = majors.reduce((text, node) => procDevicesWith(text, node.major, node.class), hostProcDevices());
    this.procFile('devices', procDevices);
    if (hasMisc(devices)) {
      const misc = nodes.filter((node) => node.class === 'misc');
      this.procFile('misc', procMiscWith(hostProcMisc(), misc));
    }
  }

  private procFile(name: string, content: string): void {
    writeFileSync(`${this.root}/${name}`, content);
    chmodSync(`${this.root}/${name}`, 0o444);
  }

  /** What /sys/kernel/security/lockdown says. */
  lockdown(level: LockdownLevel): void {
    writeFileSync(`${this.root}/security/lockdown`, lockdownText(level));
    chmodSync(`${this.root}/security/lockdown`, 0o644);
  }

  add(device: ViewDevice): void {
    const entries = [...driverEntries(device), ...this.entries(device)];
    this.sysfs.add(entries.filter(({ path }) => this.isServed(path)));
    const plain = entries.filter(({ path }) => !this.isServed(path));
    addEntries(`${this.root}/sys`, plain);
  }

  remove(device: ViewDevice): void {
    const entries = this.entries(device);
    const plain = entries.filter(({ path }) => !this.isServed(path));
    removeEntries(`${this.root}/sys`, plain);
    this.sysfs.remove(entries.map(({ path }) => path).filter((path) => this.isServed(path)));
  }

  /** Takes out the mount points onto which nothing could be bound; what is missed beyond those, one clause each. */
  missing(root: string, skipped: readonly Skipped[]): string[] {
    const warnings: string[] = [];
    for (const { step, errno } of skipped) {
      const [source = '', target = source] = step.arguments;
      const place = target.startsWith(`${root}/`) ? target.slice(root.length + 1) : undefined;
      if (place?.startsWith('sys/') && this.isServed(belowSys(place))) this.sysfs.remove([belowSys(place)]);
      else if (place !== undefined) rmSync(`${this.root}/${place}`, { recursive: true, force: true });
      if (target.startsWith('/proc/')) {
        if (step.kind !== 'readonly') warnings.push(`${target} is the machine's own: ${errno}`);
      } else if (errno !== 'ENOENT') {
        warnings.push(`${source} is not shown: ${errno}`); // what does not exist any more is not missed
      }
    }
    return warnings;
  }

  private isServed(path: string): boolean {
    return this.served.some((place) => path.startsWith(`${place}/`));
  }

  private entries(device: ViewDevice): SysfsEntry[] {
    return [...deviceEntries(device, this.cpus), ...(this.linksInChar ? charEntries(device) : [])];
  }
}

function belowSys(path: string): string {
  return path.slice('sys/'.length);
}
