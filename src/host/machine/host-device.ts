/** A plugged device, as transports, views and operators see it. */
import type { FileOps } from '../../kernel/file-ops.ts';
import type { IommufdSpec } from './drivers/iommufd.ts';
import type { LiveValues } from './drivers/mlx5/live-values.ts';
import type { RawSpec } from './drivers/raw-spec.ts';

/** What the configuration says of one device, complete: every default is filled in. */
export interface DeviceSpec {
  /** Which driver: a row of host/drivers.ts. */
  readonly driver: 'mlx5' | 'raw' | 'iommufd';
  /** A device profile of src/devices, e.g. `connectx6dx` (driver mlx5). */
  readonly profile: string;
  /** PCI address `dddd:bb:dd.f` in lower case; undefined: the driver's devices are on no bus. */
  readonly pci?: string;
  /** Node permission bits, owner and group. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Profile values changed, by dotted name, e.g. `{"caps.GENERAL.log_max_qp": 17}`. */
  readonly overrides: Readonly<Record<string, number | bigint | string | boolean>>;
  /** Driver mlx5: `loopback`, or a module's absolute path (firmware-module.ts). Undefined: the profile's own emulation. */
  readonly firmware?: string;
  /** Driver raw: what it answers. Undefined: the defaults of raw-spec.ts. */
  readonly raw?: RawSpec;
  /** Driver iommufd: which one. Undefined: the defaults of iommufd-device.ts. */
  readonly iommufd?: IommufdSpec;
}

/** The same of a device that is a PCI function's. */
export type FunctionSpec = DeviceSpec & { readonly driver: 'mlx5' | 'raw'; readonly pci: string };

/** Who can keep a device number from being given out again, beyond the device's last open file. */
export interface NumberKeeper {
  keepNumber(): void;
  letNumberGo(): void;
}

/** A file below /dev, and the class device that it is of. */
export interface HostNode {
  /** Below /dev: `fwctl/fwctl0`, `iommu`, `vfio/vfio`. */
  readonly path: string;
  /** The class device's name, which the trace shows too. */
  readonly name: string;
  /** Its class in sysfs. */
  readonly class: 'fwctl' | 'misc';
  readonly minor: number;
  /** Of the minor number; undefined: it is given out once. */
  readonly keeper?: NumberKeeper;
  /** Permission bits and owner. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The mode that the driver itself asks for, which the uevent tells (DEVMODE); undefined: it asks for none. */
  readonly classMode?: number;
  readonly fileOps: FileOps;
  /** Names of its ioctls, by ioctl word; undefined: its driver's commands say more (fwctl). */
  readonly ioctls?: ReadonlyMap<number, string>;
}

export interface HostDevice {
  /** `fwctl0`, `iommu`: its first node's name. */
  readonly name: string;
  /** At least one; each of them opens the same device. */
  readonly nodes: readonly HostNode[];
  readonly spec: DeviceSpec;
  /** Name of the PCI driver bound to the function, e.g. `mlx5_core`; undefined: it is on no bus. */
  readonly pciDriver: string | undefined;
  /** The auxiliary device and its driver, e.g. `mlx5_core.fwctl.0` and `mlx5_fwctl.mlx5_fwctl`; undefined: the driver has none. */
  readonly auxiliary: { readonly device: string; readonly driver: string; readonly modalias: string } | undefined;
  /** The first node's. */
  readonly fileOps: FileOps;
  /** Its values by name; undefined: it has none (driver `raw`). */
  readonly live?: LiveValues;
}

export type HostEvent = { readonly kind: 'plug' | 'unplug'; readonly device: HostDevice };
