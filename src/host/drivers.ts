/**
 * The drivers that a device can be plugged with, one row each: what stands behind its fwctl device, and what sysfs shows of it.
 * Here firmware, driver and profile meet; nobody else constructs them.
 */
import type { Clock } from '../abi/clock.ts';
import type { AbiProfile } from '../abi/profiles.ts';
import { applyOverrides } from '../devices/overrides.ts';
import { deviceProfile } from '../devices/profiles.ts';
import { mlx5Fwctl } from '../drivers/mlx5/driver.ts';
import { rawFwctl, rawOptions } from '../drivers/raw/driver.ts';
import { createMlx5Firmware } from '../firmware/mlx5/firmware.ts';
import type { FwctlOps } from '../fwctl/ops.ts';
import type { DeviceSpec, HostDevice } from './host-device.ts';

export interface DriverParts {
  readonly abi: AbiProfile;
  readonly clock: Clock;
}

export interface DriverRow {
  readonly name: DeviceSpec['driver'];
  /** Name of the PCI driver that is bound to the function. */
  readonly pciDriver: string;
  /** The auxiliary device of fwctl device `minor`, where the driver has one. */
  auxiliary(minor: number): HostDevice['auxiliary'];
  /** Throws an Error that says what is wrong with the specification. */
  probe(spec: DeviceSpec, parts: DriverParts): FwctlOps<unknown>;
}

export const DRIVERS: readonly DriverRow[] = [
  {
    name: 'mlx5',
    pciDriver: 'mlx5_core',
    auxiliary: (minor) => ({
      device: `mlx5_core.fwctl.${minor}`,
      driver: 'mlx5_fwctl.mlx5_fwctl',
      modalias: 'auxiliary:mlx5_core.fwctl',
    }),
    probe(spec, { abi, clock }) {
      const profile = deviceProfile(spec.profile);
      if (profile === undefined) throw new Error(`there is no device profile ${spec.profile}`);
      const firmware = createMlx5Firmware(applyOverrides(profile, spec.overrides), { clock });
      return mlx5Fwctl(firmware, abi) as FwctlOps<unknown>;
    },
  },
  {
    name: 'raw',
    pciDriver: 'fwctl_emu_raw',
    auxiliary: () => undefined,
    probe: () => rawFwctl(rawOptions()) as FwctlOps<unknown>,
  },
];

export function driverRow(name: string): DriverRow {
  const row = DRIVERS.find((driver) => driver.name === name);
  if (row === undefined) throw new Error(`driver ${name}: there is ${DRIVERS.map((driver) => driver.name).join(', ')}`);
  return row;
}
