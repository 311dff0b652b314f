/**
 * The composition root: one emulated machine with its taint, its log and its fwctl devices. Plug beside unplug.
 * Transports and views listen for changes: a node appears after `plug`, and is gone before `unplug` waits for calls in flight.
 */
import type { Clock } from '../abi/clock.ts';
import type { Held } from '../abi/held.ts';
import type { AbiProfile } from '../abi/profiles.ts';
import { FwctlClass, type FwctlNode } from '../fwctl/class.ts';
import type { FileOps } from '../kernel/file-ops.ts';
import { Kmsg } from '../kernel/kmsg.ts';
import { Taint } from '../kernel/taint.ts';
import { driverRow } from './drivers.ts';
import type { DeviceSpec, HostDevice, HostEvent } from './host-device.ts';

export interface HostOptions {
  readonly abi: AbiProfile;
  readonly clock: Clock;
  /** Wraps the file operations of each device: the trace. Absent: they are used as they are. */
  readonly intercept?: (fileOps: FileOps, device: string, spec: DeviceSpec) => FileOps;
}

interface Plugged {
  readonly device: HostDevice;
  readonly node: FwctlNode;
}

export class Host {
  readonly abi: AbiProfile;
  readonly clock: Clock;
  readonly taint = new Taint();
  readonly kmsg: Kmsg;
  private readonly fwctl: FwctlClass;
  private readonly intercept: HostOptions['intercept'];
  private readonly plugged = new Map<string, Plugged>();
  private readonly listeners = new Set<(event: HostEvent) => void>();

  constructor(options: HostOptions) {
    this.abi = options.abi;
    this.clock = options.clock;
    this.kmsg = new Kmsg(options.clock);
    this.fwctl = new FwctlClass({ abi: options.abi, taint: this.taint, kmsg: this.kmsg });
    this.intercept = options.intercept;
  }

  /** A new device, with the lowest free number. Throws an Error that says what is wrong with it, or that no number is free. */
  plug(spec: DeviceSpec): HostDevice {
    for (const { device } of this.plugged.values()) {
      if (device.spec.pci === spec.pci) throw new Error(`${spec.pci} is taken by ${device.name}`);
    }
    const row = driverRow(spec.driver);
    const node = this.fwctl.register(row.probe(spec, this));
    const { name, minor } = node.device;
    const device: HostDevice = {
      name,
      minor,
      spec,
      pciDriver: row.pciDriver,
      auxiliary: row.auxiliary(minor),
      fileOps: this.intercept === undefined ? node.fileOps : this.intercept(node.fileOps, name, spec),
    };
    this.plugged.set(name, { device, node });
    this.tell({ kind: 'plug', device });
    return device;
  }

  /**
   * Takes a device away, as a driver's unbind does: its node goes first, then every context. Undefined: done. Held: waits for
   * calls in flight. Throws an Error when there is no such device.
   */
  unplug(name: string): Held<undefined> | undefined {
    const plugged = this.plugged.get(name);
    if (plugged === undefined) throw new Error(`there is no device ${name}`);
    this.plugged.delete(name);
    this.tell({ kind: 'unplug', device: plugged.device });
    return this.fwctl.unregister(plugged.node.device);
  }

  /** Plugged devices, in the order of plugging. */
  devices(): readonly HostDevice[] {
    return [...this.plugged.values()].map(({ device }) => device);
  }

  /** Calls back at each plug and unplug; the returned function ends that. */
  onChange(listener: (event: HostEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(event: HostEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
