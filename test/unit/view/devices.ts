/** Devices for the tests of the view, and where the repository stands. */
import type { PciIdentity } from '../../../src/abi/pci/function.ts';
import type { SysfsParent } from '../../../src/host/machine/host-device.ts';
import type { FileOps } from '../../../src/kernel/file-ops.ts';
import {
  linkText,
  type SysfsBinary,
  type SysfsEntry,
  type SysfsFile,
  type SysfsTop,
} from '../../../src/view/sysfs-entry.ts';
import { besideTops, deviceTops, driverTops } from '../../../src/view/sysfs-tree.ts';
import type { ViewDevice } from '../../../src/view/view-device.ts';

/** The repository, from dist/test/unit/view/. */
export const REPOSITORY = new URL('../../../../', import.meta.url).pathname;

const FILE_OPS: FileOps = { open: () => ({ ioctl: () => 7, release() {} }) };
const ROOT_ONLY = { mode: 0o600, uid: 0, gid: 0, fileOps: FILE_OPS } as const;

export const CONNECTX6DX: PciIdentity = {
  vendor: 0x15b3,
  device: 0x101d,
  subsystemVendor: 0x15b3,
  subsystemDevice: 0x16,
  revision: 0,
  classCode: 0x020000,
};

/** What another driver's function has instead. */
interface FunctionChanges {
  readonly driver?: string;
  readonly identity?: PciIdentity;
  /** Undefined, and not absent: it has no auxiliary device. */
  readonly auxiliary?: undefined;
}

/** A ConnectX-6 Dx; `changes` are of its PCI function. */
export function connectx(minor: number, address: string, changes: FunctionChanges = {}): ViewDevice {
  const { driver = 'mlx5_core', identity = CONNECTX6DX } = changes;
  const name = `fwctl${minor}`;
  const node = { path: `fwctl/${name}`, name, class: 'fwctl', major: 252, minor, ...ROOT_ONLY } as const;
  const pci: SysfsParent = { bus: 'pci', name: address, driver, holds: true, identity };
  const auxiliary: SysfsParent = {
    bus: 'auxiliary',
    name: `mlx5_core.fwctl.${minor}`,
    driver: 'mlx5_fwctl.mlx5_fwctl',
    holds: false,
    modalias: 'auxiliary:mlx5_core.fwctl',
  };
  return { name, nodes: [node], parents: 'auxiliary' in changes ? [pci] : [pci, auxiliary] };
}

/** Two misc devices, as iommufd has them. */
export function iommufd(): ViewDevice {
  const misc = { class: 'misc', major: 10, uid: 0, gid: 0, fileOps: FILE_OPS } as const;
  return {
    name: 'iommu',
    nodes: [
      { ...misc, path: 'iommu', name: 'iommu', minor: 256, mode: 0o660, classMode: 0o660 },
      { ...misc, path: 'vfio/vfio', name: 'vfio', minor: 196, mode: 0o666, classMode: 0o666 },
    ],
    parents: [],
  };
}

/** A sysfs entry with its path below /sys. */
export type FlatEntry = { readonly path: string } & (
  | { readonly kind: 'directory' }
  | SysfsFile
  | SysfsBinary
  | { readonly kind: 'link'; readonly target: string }
);

/** All that a device has in sysfs, a directory before what is in it. */
export function sysfsOf(device: ViewDevice, cpus = { list: '0', mask: '1' }): FlatEntry[] {
  const names = { of: ({ name }: { readonly name: string }) => name };
  const tops = [...driverTops(device), ...deviceTops(device, cpus, names), ...besideTops(device, names)];
  return tops.flatMap(([at, name, entry]: SysfsTop) => flat(`${at}/${name}`, entry));
}

function flat(path: string, entry: SysfsEntry): FlatEntry[] {
  if (entry.kind === 'link') return [{ path, kind: 'link', target: linkText(path, entry.to) }];
  if (entry.kind === 'file' || entry.kind === 'binary') return [{ path, ...entry }];
  const below = Array.from(entry.entries(), ([name, each]) => flat(`${path}/${name}`, each));
  return [{ path, kind: 'directory' }, ...below.flat()];
}
