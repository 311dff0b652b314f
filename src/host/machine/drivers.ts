/**
 * The drivers that a device can be plugged with, one row each: its subsystem, what stands behind its nodes, and what sysfs shows of it.
 * Here firmware, driver and profile meet; nobody else constructs them.
 */
import type { Clock } from '../../abi/clock.ts';
import type { AbiProfile } from '../../abi/profiles.ts';
import { applyOverrides } from '../../devices/mlx5/overrides.ts';
import { mlx5Fwctl } from '../../drivers/mlx5/driver.ts';
import { rawFwctl } from '../../drivers/raw/driver.ts';
import { Loopback } from '../../firmware/mlx5/loopback.ts';
import type { Mailbox } from '../../firmware/mlx5/mailbox.ts';
import { createMlx5Firmware } from '../../firmware/mlx5/firmware.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import type { CommandOps } from '../../iommufd/commands.ts';
import { resolveProfile } from '../profiles/device-profiles.ts';
import { type FirmwareModules, LOOPBACK, moduleMailbox } from './drivers/mlx5/firmware-module.ts';
import type { DeviceSpec, FunctionSpec, HostDevice, HostNode } from './host-device.ts';
import { iommufdNodes } from './drivers/iommufd.ts';
import { KeptState } from './drivers/mlx5/kept-state.ts';
import { FirmwareValues, type LiveValues } from './drivers/mlx5/live-values.ts';
import { DEFAULT_RAW, rawOptionsOf } from './drivers/raw-spec.ts';
import { MemoryStateStore, type StateStore } from './state-store.ts';

export interface DriverParts {
  readonly abi: AbiProfile;
  readonly clock: Clock;
  /** Wraps the door to a device's firmware; absent: nothing does. */
  readonly mailbox?: (inner: Mailbox) => Mailbox;
  /** Where non-volatile state is kept; absent: nowhere. */
  readonly states?: StateStore;
  /** Firmware in files, loaded; absent: none is. */
  readonly modules?: FirmwareModules;
  /** Told what an operator should know: a state that could not be saved, a firmware module that failed. */
  readonly warn?: (message: string) => void;
}

/** What stands behind a device. */
export interface Probed {
  readonly ops: FwctlOps<unknown>;
  /** Undefined: the device has no values with names. */
  readonly live?: LiveValues;
  /** The non-volatile state, to be saved at unplug; undefined: there is none. `save` does not throw. */
  readonly kept?: { save(): void };
  /** The number that the device is to have, where it is free; otherwise the next one. Undefined: the lowest. */
  readonly minor?: number;
}

/** A driver of PCI functions, each with one fwctl device. */
export interface FwctlDriverRow {
  readonly subsystem: 'fwctl';
  readonly name: FunctionSpec['driver'];
  /** Name of the PCI driver that is bound to the function. */
  readonly pciDriver: string;
  /** The auxiliary device of the driver's function `number`, where the driver has one. */
  auxiliary(number: number): HostDevice['auxiliary'];
  /** Throws an Error that says what is wrong with the specification. */
  probe(spec: FunctionSpec, parts: DriverParts): Probed;
}

/** A driver that the machine has once, on no bus: its nodes are there from the start to the end. */
export interface MiscDriverRow {
  readonly subsystem: 'misc';
  readonly name: DeviceSpec['driver'];
  /** `around`: what stands before the commands of a node. Throws an Error that says what is wrong with the specification. */
  nodes(spec: DeviceSpec, around: (commands: CommandOps, node: string) => CommandOps): readonly HostNode[];
}

export type DriverRow = FwctlDriverRow | MiscDriverRow;

export const DRIVERS: readonly DriverRow[] = [
  {
    subsystem: 'fwctl',
    name: 'mlx5',
    pciDriver: 'mlx5_core',
    auxiliary: (number) => ({
      device: `mlx5_core.fwctl.${number}`,
      driver: 'mlx5_fwctl.mlx5_fwctl',
      modalias: 'auxiliary:mlx5_core.fwctl',
    }),
    probe(spec, parts) {
      const { abi, clock, mailbox = (inner) => inner, states = new MemoryStateStore(), warn = () => {} } = parts;
      const other = otherFirmware(spec, parts);
      if (other !== undefined) return { ops: mlx5Fwctl(mailbox(other), abi) as FwctlOps<unknown> };
      const profile = resolveProfile(spec.profile);
      if (profile === undefined) throw new Error(`there is no device profile ${spec.profile}`);
      const firmware = createMlx5Firmware(applyOverrides(profile, spec.overrides), { clock });
      const kept = new KeptState(firmware, spec.pci, states, warn);
      return {
        ops: mlx5Fwctl(mailbox(kept.mailbox), abi) as FwctlOps<unknown>,
        live: new FirmwareValues(firmware),
        kept,
      };
    },
  },
  {
    subsystem: 'fwctl',
    name: 'raw',
    pciDriver: 'fwctl_emu_raw',
    auxiliary: () => undefined,
    probe({ raw = DEFAULT_RAW }, { abi }) {
      if (raw.info === undefined && !abi.optionalInfo)
        throw new Error(`${abi.title} has no driver without an info op: its core calls it without a test; give info`);
      return { ops: rawFwctl(rawOptionsOf(raw)) as FwctlOps<unknown> };
    },
  },
  { subsystem: 'misc', name: 'iommufd', nodes: iommufdNodes },
];

/** What stands behind an mlx5 device instead of the profile's emulation; undefined: that. */
function otherFirmware(spec: FunctionSpec, { abi, clock, modules, warn = () => {} }: DriverParts): Mailbox | undefined {
  if (spec.firmware === undefined) return undefined;
  if (spec.firmware === LOOPBACK) return new Loopback({}, clock);
  return moduleMailbox(spec.firmware, modules ?? new Map(), { pci: spec.pci, abi: abi.name }, warn);
}

export function driverRow(name: string): DriverRow {
  const row = DRIVERS.find((driver) => driver.name === name);
  if (row === undefined) throw new Error(`driver ${name}: there is ${DRIVERS.map((driver) => driver.name).join(', ')}`);
  return row;
}
