/** The daemon's hand inside a view: its tmpfs, from which /sys, /proc/sys/kernel/tainted and /proc/devices are made. */
import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Skipped } from './channel.ts';
import { hostCpus, hostProcDevices, procDevicesWith } from './host-facts.ts';
import { addEntries, makeDirectory, removeEntries } from './live-tree.ts';
import type { Shadow } from './shadow.ts';
import { charEntry, deviceEntries, driverEntries, type SysfsEntry } from './sysfs-tree.ts';
import { TaintFile } from './tainted.ts';
import type { ViewDevice } from './view-device.ts';

export class Inside {
  readonly taint: TaintFile;
  private readonly root: string;
  private readonly linksInChar: boolean;
  private readonly cpus = hostCpus();

  /**
   * `root`: a path to the tmpfs. Makes the mount points and links of the plan and the devices' entries.
   * `linksInChar`: /sys/dev/char is made here too, not served by FUSE.
   */
  constructor(root: string, skeleton: Shadow, linksInChar: boolean, devices: readonly ViewDevice[]) {
    this.root = root;
    this.linksInChar = linksInChar;
    for (const path of skeleton.directories) makeDirectory(`${root}/${path}`);
    for (const path of skeleton.files) writeFileSync(`${root}/${path}`, '', { flag: 'wx' });
    for (const { path, target } of skeleton.links) symlinkSync(target, `${root}/${path}`);
    for (const device of devices) this.add(device);
    this.taint = new TaintFile(`${root}/tainted`);
    const procDevices = hostProcDevices();
    const [first] = devices;
    writeFileSync(`${root}/devices`, first === undefined ? procDevices : procDevicesWith(procDevices, first.major));
    chmodSync(`${root}/devices`, 0o444);
  }

  add(device: ViewDevice): void {
    addEntries(`${this.root}/sys`, [...driverEntries(device), ...this.entries(device)]);
  }

  remove(device: ViewDevice): void {
    removeEntries(`${this.root}/sys`, this.entries(device));
  }

  /** Takes out the mount points onto which nothing could be bound; what is missed beyond those, one clause each. */
  missing(root: string, skipped: readonly Skipped[]): string[] {
    const warnings: string[] = [];
    for (const { step, errno } of skipped) {
      const [source = '', target = source] = step.arguments;
      if (target.startsWith(`${root}/`))
        rmSync(this.root + target.slice(root.length), { recursive: true, force: true });
      if (target.startsWith('/proc/')) {
        if (step.kind !== 'readonly') warnings.push(`${target} is the machine's own: ${errno}`);
      } else if (errno !== 'ENOENT') {
        warnings.push(`${source} is not shown: ${errno}`); // what does not exist any more is not missed
      }
    }
    return warnings;
  }

  private entries(device: ViewDevice): SysfsEntry[] {
    return [...deviceEntries(device, this.cpus), ...(this.linksInChar ? [charEntry(device)] : [])];
  }
}
