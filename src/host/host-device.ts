/** A plugged device, as transports, views and operators see it. */
import type { FileOps } from '../kernel/file-ops.ts';
import type { LiveValues } from './live-values.ts';
import type { RawSpec } from './raw-spec.ts';

/** What the configuration says of one device, complete: every default is filled in. */
export interface DeviceSpec {
  /** Which fwctl driver: a row of host/drivers.ts. */
  readonly driver: 'mlx5' | 'raw';
  /** A device profile of src/devices, e.g. `connectx6dx` (driver mlx5). */
  readonly profile: string;
  /** PCI address `dddd:bb:dd.f` in lower case. */
  readonly pci: string;
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
}

export interface HostDevice {
  /** `fwctl0`: also the node's name below /dev/fwctl. */
  readonly name: string;
  readonly minor: number;
  readonly spec: DeviceSpec;
  /** Name of the PCI driver bound to the function, e.g. `mlx5_core`. */
  readonly pciDriver: string;
  /** The auxiliary device and its driver, e.g. `mlx5_core.fwctl.0` and `mlx5_fwctl.mlx5_fwctl`; undefined: the driver has none. */
  readonly auxiliary: { readonly device: string; readonly driver: string; readonly modalias: string } | undefined;
  readonly fileOps: FileOps;
  /** Its values by name; undefined: it has none (driver `raw`). */
  readonly live?: LiveValues;
}

export type HostEvent = { readonly kind: 'plug' | 'unplug'; readonly device: HostDevice };
