/** Driver mlx5: a ConnectX, its emulated firmware or one of the user's own behind the mailbox. */

import { DEVICE_TYPE } from '../../../abi/fwctl.ts';
import type { CustomFirmware } from '../../../abi/mlx5/custom-firmware.ts';
import type { Mlx5DeviceProfile } from '../../../abi/mlx5/device-profile.ts';
import { pciNumber } from '../../../abi/pci/address.ts';
import type { ExecuteCommand } from '../../../abi/pci/bus.ts';
import type { PciIdentity, PciShape } from '../../../abi/pci/function.ts';
import { applyOverrides } from '../../../devices/mlx5/overrides.ts';
import { mlx5Dialect } from '../../../drivers/mlx5/dialect/dialect.ts';
import { GuardedMailbox } from '../../../drivers/mlx5/dialect/door.ts';
import { mlx5Fwctl } from '../../../drivers/mlx5/driver.ts';
import { mlx5Function } from '../../../drivers/mlx5/function.ts';
import { cardProfile } from '../../../firmware/mlx5/card-address.ts';
import { CustomMailbox } from '../../../firmware/mlx5/custom.ts';
import { createMlx5Firmware, type FirmwareOptions } from '../../../firmware/mlx5/firmware.ts';
import { mlx5Identity, mlx5Shape } from '../../../firmware/mlx5/function/shape.ts';
import { Loopback } from '../../../firmware/mlx5/loopback.ts';
import type { Mailbox } from '../../../firmware/mlx5/mailbox.ts';
import { LateBus } from '../../../firmware/mlx5/pci/function.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import { DEFAULT_DEVICE } from '../../config/defaults.ts';
import type { DeviceSpec, FunctionSpec } from '../../config/device-spec.ts';
import { auxiliaryParent } from '../auxiliary-parent.ts';
import { type DriverParts, fwctlDriver, type Probed } from '../driver-row.ts';
import { makeFirmware, prepareModules } from '../firmware-module.ts';
import { FIRMWARE_KEY, type FirmwareKeys, LOOPBACK, refuseValues } from '../firmware-path.ts';
import { type Beside, type KernelModule, NOTHING_BESIDE, type SysfsAttribute } from '../host-device.ts';
import { MLX5_MODULES } from '../kernel-modules.ts';
import { besideMlx5, POOLS } from './mlx5/beside.ts';
import { resolveProfile } from './mlx5/device-profiles.ts';
import { GuestValues, guestProfile } from './mlx5/guest.ts';
import { KeptState } from './mlx5/kept-state.ts';
import { FirmwareValues } from './mlx5/live-values.ts';
import { mlx5Profiles } from './mlx5/profiles.ts';

/** Functions of a slot at the most. */
const FUNCTIONS = 8;
/** A firmware module's function. */
const MEMBER = 'exec';
/** The override after which a card's address is not counted up. */
const ADDRESS = 'identity.base_mac';
/** Of a device whose profile is not here; pci.ids: Mellanox, an Ethernet controller. */
const UNKNOWN: PciIdentity = {
  vendor: 0x15b3,
  device: 0,
  subsystemVendor: 0x15b3,
  subsystemDevice: 0,
  revision: 0,
  classCode: 0x020000,
};

export const MLX5_DRIVER = fwctlDriver<FirmwareKeys>({
  subsystem: 'fwctl',
  name: 'mlx5',
  deviceType: DEVICE_TYPE.MLX5,
  since: 'v2',
  keys: { firmware: FIRMWARE_KEY },
  check: refuseValues,
  profiles: mlx5Profiles,
  dialect: mlx5Dialect,
  // mlx5_core's sf/dev and dev.c: adev_create(); mlx5ctl_probe() of drivers/fwctl/mlx5/main.c
  parents: (spec, _keys, number, probed) => [
    new Mlx5Function(spec, number, probed),
    auxiliaryParent('mlx5_core', 'mlx5_fwctl', number),
  ],
  prepare: prepareModules(MEMBER),
  probe(spec, { firmware: other }, parts) {
    if (other !== undefined) return { ops: driver(otherFirmware(other, spec, parts), parts) };
    const profile = profileOf(spec);
    if (profile === undefined) throw new Error(`there is no device profile ${spec.profile}`);
    const options = {
      clock: parts.clock,
      ...(ADDRESS in spec.overrides ? {} : { card: cardAt }),
      place: spec.pci,
    };
    if (parts.forGuest) {
      return guestProbed(applyOverrides(guestProfile(profile), spec.overrides), options, spec, parts);
    }
    const firmware = createMlx5Firmware(applyOverrides(profile, spec.overrides), {
      ...options,
      restart: parts.restart,
    });
    const kept = new KeptState(firmware, spec.pci, parts.states, parts.warn);
    return { ops: driver(kept.mailbox, parts), live: new FirmwareValues(firmware), kept };
  },
});

function profileOf({ profile, file }: DeviceSpec): Mlx5DeviceProfile | undefined {
  return (file?.content as Mlx5DeviceProfile | undefined) ?? resolveProfile(profile);
}

/** Counted from the first default address, by slots: the functions of one are one card's. */
function cardAt(pci: string): number {
  return slotOf(pci) - slotOf(DEFAULT_DEVICE.pci);
}

function slotOf(address: string): number {
  return Math.floor(pciNumber(address) / FUNCTIONS);
}

/** A card's function as sysfs and a PCI transport show it. */
class Mlx5Function {
  readonly name: string;
  private readonly spec: FunctionSpec;
  private readonly number: number;
  private readonly kept: Probed['kept'];

  constructor(spec: FunctionSpec, number: number, probed: Probed | undefined) {
    this.name = spec.pci;
    this.spec = spec;
    this.number = number;
    this.kept = probed?.kept;
  }

  get bus(): 'pci' {
    return 'pci';
  }

  get driver(): string {
    return 'mlx5_core';
  }

  get holds(): boolean {
    return true;
  }

  get identity(): PciIdentity {
    const { profile } = this;
    return profile === undefined ? UNKNOWN : mlx5Identity(profile);
  }

  shape(): PciShape | undefined {
    const { profile, behind } = this;
    return profile && mlx5Shape(profile, behind?.mailbox);
  }

  attributes(): readonly SysfsAttribute[] {
    return [POOLS];
  }

  get modules(): readonly KernelModule[] {
    return MLX5_MODULES;
  }

  beside(): Beside {
    const { profile, behind, spec, number } = this;
    return profile === undefined ? NOTHING_BESIDE : besideMlx5(profile, behind?.emulated, spec.pci, number);
  }

  /** The emulated firmware; undefined: something else answers. */
  private get behind(): KeptState | undefined {
    return this.kept instanceof KeptState ? this.kept : undefined;
  }

  /**
   * As the card's firmware starts with it. An address that was set is meant as it is. Undefined: a recording's profile
   * may be the path of a file that is not here.
   */
  private get profile(): Mlx5DeviceProfile | undefined {
    const { spec } = this;
    try {
      const profile = profileOf(spec);
      if (profile === undefined) return undefined;
      const own = applyOverrides(profile, spec.overrides);
      return ADDRESS in spec.overrides ? own : cardProfile(own, cardAt(spec.pci));
    } catch {
      return undefined;
    }
  }
}

function driver(mailbox: Mailbox, parts: DriverParts): Probed['ops'] {
  return mlx5Fwctl(guarded(mailbox, parts), parts.abi) as FwctlOps<unknown>;
}

function guarded(mailbox: Mailbox, { guards }: DriverParts): Mailbox {
  return guards().reduce((inner, guard) => new GuardedMailbox(inner, guard), mailbox);
}

/** A guest's: fresh from power-up, its commands passed as they are. */
function guestProbed(
  profile: Mlx5DeviceProfile,
  options: FirmwareOptions,
  { pci }: FunctionSpec,
  parts: DriverParts,
): Probed {
  const bus = new LateBus();
  const firmware = createMlx5Firmware(profile, { ...options, bus });
  const kept = new KeptState(firmware, pci, parts.states, parts.warn);
  const ops = mlx5Function(guarded(kept.mailbox, parts)) as FwctlOps<unknown>;
  const card = { function: (execute: ExecuteCommand) => firmware.pciFunction(bus, execute) };
  return { ops, live: new GuestValues(firmware), kept, card };
}

/** What stands behind the device instead of the profile's emulation. */
function otherFirmware(path: string, spec: FunctionSpec, parts: DriverParts): Mailbox {
  if (path === LOOPBACK) return new Loopback({}, parts.clock);
  const { firmware, failed } = makeFirmware<CustomFirmware>(path, MEMBER, spec, parts);
  return new CustomMailbox(firmware, failed);
}
