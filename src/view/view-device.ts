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

/** Where a device's parents stand in sysfs. */
export interface ParentPaths {
  /** Of each, below /sys: on its root bus, `devices/pci0000:00/0000:00:0a.0`, or in the one that holds it. */
  readonly paths: readonly string[];
  /** What the class devices hang on: the last that holds anything; undefined: the device is on no bus. */
  readonly holder: string | undefined;
}

export function parentPaths({ parents }: Pick<ViewDevice, 'parents'>): ParentPaths {
  let holder: string | undefined;
  const paths = parents.map(({ name, holds }) => {
    const path = `${holder ?? `devices/${pciRoot(name)}`}/${name}`;
    if (holds) holder = path;
    return path;
  });
  return { paths, holder };
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
  const top = path.slice(0, path.indexOf('/'));
  return LIVE_DIRECTORIES.find((name) => name === top);
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
