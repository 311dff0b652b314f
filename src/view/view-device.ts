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

/** The directory of sysfs in which a parent stands. */
export interface ParentPlace {
  /** Below /sys: the root bus, `devices/pci0000:00`, or another parent. */
  readonly at: string;
  /** It is in another parent. */
  readonly held: boolean;
}

/** Of each parent, in their order. */
export function parentPlaces({ parents }: Pick<ViewDevice, 'parents'>): ParentPlace[] {
  let holder: string | undefined;
  return parents.map(({ name, holds }) => {
    const at = holder ?? `devices/${pciRoot(name)}`;
    const held = holder !== undefined;
    if (holds) holder = `${at}/${name}`;
    return { at, held };
  });
}

/** What the class devices hang on: the last of the parents that holds anything; undefined: the device is on no bus. */
export function holderPath(device: Pick<ViewDevice, 'parents'>): string | undefined {
  return parentPath(
    device,
    device.parents.findLastIndex(({ holds }) => holds),
  );
}

/** Undefined: there is no such parent. */
export function parentPath(device: Pick<ViewDevice, 'parents'>, index: number): string | undefined {
  const parent = device.parents[index];
  return parent && `${parentPlaces(device)[index]?.at}/${parent.name}`;
}

/** A node's device: in its class's directory below its parent, or virtual (drivers/base/core.c); or it is a parent. */
export function nodePath(device: ViewDevice, node: ViewNode): string {
  const own = device.parents.findIndex((parent) => isNodeOf(node, parent));
  return parentPath(device, own) ?? `${holderPath(device) ?? 'devices/virtual'}/${node.class}/${node.name}`;
}

/** Whether the node is that of a device above the class device, which is of no class itself. */
export function isNodeOf(node: HostNode, { bus, name }: SysfsParent): boolean {
  return node.class === bus && node.name === name;
}

/**
 * Directories of /dev that are their subsystem's own, and are live; nodes elsewhere stand where they stand from the
 * start. A view has those of its devices, and the first one in any case.
 */
export const LIVE_DIRECTORIES = ['fwctl', 'cxl'] as const;
export type LiveDirectory = (typeof LIVE_DIRECTORIES)[number];

/** Undefined: it is in none of them. */
export function liveDirectory({ path }: Pick<HostNode, 'path'>): LiveDirectory | undefined {
  return LIVE_DIRECTORIES.find((name) => path.startsWith(`${name}/`));
}

/** Those that a view of these devices has. */
export function liveDirectories(devices: readonly ViewDevice[]): LiveDirectory[] {
  const used = new Set(devices.flatMap(({ nodes }) => nodes.map(liveDirectory)));
  return LIVE_DIRECTORIES.filter((name, i) => i === 0 || used.has(name));
}

/** The nodes that are in no directory of their subsystem's. */
export function fixedNodes(devices: readonly ViewDevice[]): ViewNode[] {
  return devices.flatMap(({ nodes }) => nodes.filter((node) => liveDirectory(node) === undefined));
}

/** A fixed node's name in the one directory that holds them all. */
export function fixedName({ path }: ViewNode): string {
  return path.replaceAll('/', '.');
}
