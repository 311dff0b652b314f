/** The daemon's hand inside a view: its tmpfs (/proc/sys/kernel/tainted, /proc/devices, mount points) and its sysfs. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type LockdownLevel, lockdownText } from '../kernel/lockdown.ts';
import type { Skipped } from './channel.ts';
import { hostProcModules } from './host-facts.ts';
import { modulesOfAll, procModulesWith } from './modules.ts';
import { hasMisc, type ViewPlan } from './plan.ts';
import { procDevicesText, procMiscText } from './proc-texts.ts';
import { TaintFile } from './tainted.ts';
import type { ViewDevice } from './view-device.ts';
import type { ViewSysfs } from './view-sysfs.ts';

export class Inside {
  readonly taint: TaintFile;
  private readonly root: string;
  private readonly sysfs: ViewSysfs;

  /** `root`: a path to the tmpfs. Makes the mount points and links of the plan, there and in `sysfs`. */
  constructor(
    root: string,
    { skeleton, served }: Pick<ViewPlan, 'skeleton' | 'served'>,
    sysfs: ViewSysfs,
    devices: readonly ViewDevice[],
  ) {
    this.root = root;
    this.sysfs = sysfs;
    sysfs.addMachine(served);
    for (const path of skeleton.directories) makeDirectory(`${root}/${path}`);
    for (const path of skeleton.files) writeFileSync(`${root}/${path}`, '', { flag: 'wx' });
    for (const { path, target } of skeleton.links) symlinkSync(target, `${root}/${path}`);
    this.taint = new TaintFile(`${root}/tainted`);
    this.procFile('devices', procDevicesText(devices));
    const procModules = hostProcModules();
    if (procModules !== undefined) this.procFile('modules', procModulesWith(procModules, modulesOfAll(devices)));
    if (hasMisc(devices)) this.procFile('misc', procMiscText(devices));
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

  /** Takes out the mount points onto which nothing could be bound; what is missed beyond those, one clause each. */
  missing(root: string, skipped: readonly Skipped[]): string[] {
    const warnings: string[] = [];
    for (const { step, errno } of skipped) {
      const [source = '', target = source] = step.arguments;
      const place = target.startsWith(`${root}/`) ? target.slice(root.length + 1) : undefined;
      if (place !== undefined && !this.sysfs.drop(place.slice('sys/'.length)))
        rmSync(`${this.root}/${place}`, { recursive: true, force: true });
      if (target.startsWith('/proc/')) {
        if (step.kind !== 'readonly') warnings.push(`${target} is the machine's own: ${errno}`);
      } else if (errno !== 'ENOENT') {
        warnings.push(`${source} is not shown: ${errno}`); // what does not exist any more is not missed
      }
    }
    return warnings;
  }
}

/** Makes a directory of mode 0755 and those above it. */
function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = at.slice(0, at.lastIndexOf('/'))) chmodSync(at, 0o755);
}
