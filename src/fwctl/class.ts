/**
 * The fwctl class of one machine: numbers devices over all their parents. Follows fwctl_alloc_device(),
 * fwctl_register() and fwctl_init() of drivers/fwctl/main.c.
 */
import type { Held } from '../abi/held.ts';
import type { AbiProfile } from '../abi/profiles.ts';
import { Errno } from '../kernel/errno.ts';
import type { FileOps } from '../kernel/file-ops.ts';
import type { Kmsg } from '../kernel/kmsg.ts';
import type { LockdownLevel } from '../kernel/lockdown.ts';
import { Minors } from '../kernel/minors.ts';
import type { Taint } from '../kernel/taint.ts';
import { FwctlDevice } from './device.ts';
import { FwctlFops } from './fops.ts';
import type { FwctlOps } from './ops.ts';

/** The dynamic char major that the reference kernel gave ("252 fwctl" in /proc/devices). */
export const FWCTL_MAJOR = 252;

const NO_NUMBER_FREE = new Errno(
  'ENOMEM',
  'all fwctl device numbers are taken (FWCTL_MAX_DEVICES)',
  'unplug a device, or use an ABI profile with more devices',
);

export interface FwctlClassOptions {
  /** Which kernel is emulated: the number of devices and the warning's text. */
  readonly abi: AbiProfile;
  /** The machine's taint mask; one a boot, shared with whoever shows it. */
  readonly taint: Taint;
  /** The machine's log. */
  readonly kmsg: Kmsg;
  /** Kernel lockdown, which caps the scope of RPCs; none unless told. */
  readonly lockdown?: LockdownLevel;
  /** Major number of nodes and of DEVICE= in the log; FWCTL_MAJOR unless told. */
  readonly major?: number;
}

/** A registered device, and what its node is opened through. */
export interface FwctlNode {
  readonly device: FwctlDevice;
  readonly fileOps: FileOps;
}

export class FwctlClass {
  private readonly options: FwctlClassOptions;
  private readonly minors: Minors;
  private readonly nodes = new Map<FwctlDevice, FwctlNode>();
  private readonly free = (minor: number) => this.minors.free(minor);

  constructor(options: FwctlClassOptions) {
    this.options = options;
    this.minors = new Minors(options.abi.maxDevices);
  }

  /** Registered devices, in the order of registration. */
  get devices(): FwctlNode[] {
    return [...this.nodes.values()];
  }

  /** A new device with the lowest free number from `from` on; then `register` or `FwctlDevice.put`. Throws ENOMEM. */
  alloc(from = 0): FwctlDevice {
    const { abi, taint, kmsg, lockdown = 'none', major = FWCTL_MAJOR } = this.options;
    const minor = this.minors.allocate(from);
    if (minor === undefined) throw NO_NUMBER_FREE;
    return new FwctlDevice({ abi, taint, kmsg, lockdown, major, minor, onFree: this.free });
  }

  /** Gives the device its driver: from now on it can be opened. Once for each device. */
  register<Uctx>(device: FwctlDevice, ops: FwctlOps<Uctx>): FwctlNode {
    device.register(ops as FwctlOps<unknown>);
    const node = { device, fileOps: new FwctlFops(device) };
    this.nodes.set(device, node);
    return node;
  }

  /**
   * Takes the device away; its node must be gone from every transport by then. Undefined: done. Held: waits for calls
   * in flight. The number is free again when the last open file is closed.
   */
  unregister(device: FwctlDevice): Held<undefined> | undefined {
    this.nodes.delete(device);
    return device.unregister();
  }
}
