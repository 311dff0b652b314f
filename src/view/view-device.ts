/** A device as a view shows it: what /dev/fwctl and sysfs tell of it. */
import type { HostDevice } from '../host/host-device.ts';

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

export interface ViewDevice
  extends Pick<HostDevice, 'name' | 'minor' | 'spec' | 'pciDriver' | 'auxiliary' | 'fileOps'> {
  readonly pci: PciIdentity;
  /** Major number that sysfs tells: the CUSE device's own, or one of the machine's free ones (host-facts.ts). */
  readonly major: number;
}

/** The root bus that the function hangs on, `pci0000:00`. Bridges are not emulated: the root bus has the function's own number. */
export function pciRoot(pciAddress: string): string {
  return `pci${pciAddress.slice(0, 7)}`;
}

/** Where the PCI function lies in sysfs, `devices/pci0000:00/0000:00:0a.0`. */
export function functionPath(device: ViewDevice): string {
  return `devices/${pciRoot(device.spec.pci)}/${device.spec.pci}`;
}

/** Where the fwctl device lies in sysfs. */
export function fwctlPath(device: ViewDevice): string {
  return `${functionPath(device)}/fwctl/${device.name}`;
}
