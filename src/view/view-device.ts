/** A device as a view shows it: what /dev and sysfs tell of it. */
import type { HostDevice, HostNode } from '../host/machine/host-device.ts';

/** The numbers of a PCI function's configuration space, by which tools know the hardware. */
export interface PciIdentity {
  /** 16 bits each, e.g. 0x15b3 and 0x101d for a ConnectX-6 Dx. */
  readonly vendor: number;
  readonly device: number;
  readonly subsystemVendor: number;
  readonly subsystemDevice: number;
  /** 8 bits. */
  readonly revision: number;
  /** 24 bits, base class first: 0x020000 is an Ethernet controller. */
  readonly classCode: number;
}

/** The PCI function that a device is of. */
export interface PciFunction {
  /** `0000:00:0a.0` */
  readonly address: string;
  /** Name of the PCI driver that is bound to it. */
  readonly driver: string;
  readonly auxiliary: HostDevice['auxiliary'];
  readonly identity: PciIdentity;
}

export interface ViewNode extends HostNode {
  /** Major number that sysfs tells: the CUSE device's own, one of the machine's free ones (host-facts.ts), or that of its class. */
  readonly major: number;
}

export interface ViewDevice {
  readonly name: string;
  readonly nodes: readonly ViewNode[];
  /** Undefined: it is on no bus, and in /sys/devices/virtual. */
  readonly function: PciFunction | undefined;
}

/** The root bus that the function hangs on, `pci0000:00`. Bridges are not emulated: the root bus has the function's own number. */
export function pciRoot(pciAddress: string): string {
  return `pci${pciAddress.slice(0, 7)}`;
}

/** Where a PCI function lies in sysfs, `devices/pci0000:00/0000:00:0a.0`. */
export function functionPath({ address }: PciFunction): string {
  return `devices/${pciRoot(address)}/${address}`;
}

/** Where a node's class device lies in sysfs: in a directory of its class, of its function or of all that has none (drivers/base/core.c). */
export function nodePath(device: ViewDevice, node: ViewNode): string {
  const parent = device.function === undefined ? 'devices/virtual' : functionPath(device.function);
  return `${parent}/${node.class}/${node.name}`;
}

/** Nodes with a directory of their subsystem's own, which is live; all others stand where they stand from the start. */
export const LIVE_DIRECTORY = 'fwctl/';

/** The nodes that are in no directory of their subsystem's. */
export function fixedNodes(devices: readonly ViewDevice[]): ViewNode[] {
  return devices.flatMap(({ nodes }) => nodes.filter(({ path }) => !path.startsWith(LIVE_DIRECTORY)));
}

/** A fixed node's name in the one directory that holds them all. */
export function fixedName({ path }: ViewNode): string {
  return path.replaceAll('/', '.');
}
