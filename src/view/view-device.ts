/** A device as a view shows it: what /dev and sysfs tell of it. */
import type { HostNode, SysfsParent } from '../host/machine/host-device.ts';

export interface ViewNode extends HostNode {
  /** Major number in sysfs: the CUSE device's own, a free one of the machine's (host-facts.ts), or its class's. */
  readonly major: number;
}

export interface ViewDevice {
  readonly name: string;
  readonly nodes: readonly ViewNode[];
  /** Above it in sysfs, the PCI function first; none: it is on no bus, and in /sys/devices/virtual. */
  readonly parents: readonly SysfsParent[];
}

/** The function's root bus, `pci0000:00`, which has the function's own number, as bridges are not emulated. */
export function pciRoot(pciAddress: string): string {
  return `pci${pciAddress.slice(0, 7)}`;
}

/** A parent's place in sysfs: a PCI function's on the root bus, `devices/pci0000:00/0000:00:0a.0`, or in its holder. */
export function parentPaths({ parents }: Pick<ViewDevice, 'parents'>): string[] {
  let holder = '';
  return parents.map(({ name, holds }) => {
    const path = holder === '' ? `devices/${pciRoot(name)}/${name}` : `${holder}/${name}`;
    if (holds) holder = path;
    return path;
  });
}

/** What the class devices hang on: the last of the parents that holds anything; undefined: the device is on no bus. */
export function holderPath(device: Pick<ViewDevice, 'parents'>): string | undefined {
  return parentPaths(device)[device.parents.findLastIndex(({ holds }) => holds)];
}

/** Where a node's class device lies: in a directory of its class, in its parent's or virtual (drivers/base/core.c). */
export function nodePath(device: ViewDevice, node: ViewNode): string {
  return `${holderPath(device) ?? 'devices/virtual'}/${node.class}/${node.name}`;
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
