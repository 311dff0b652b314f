/** Driver bnxt: a Broadcom NetXtreme, its emulated firmware or one of the user's own behind the HWRM channel. */

import type { CustomHwrm } from '../../../abi/bnxt/custom-firmware.ts';
import { BNXT_SHAPE, type BnxtValues } from '../../../abi/bnxt/profile-shape.ts';
import { DEVICE_TYPE } from '../../../abi/fwctl.ts';
import type { PciIdentity } from '../../../abi/pci/function.ts';
import { withOverrides } from '../../../abi/profile-values.ts';
import { BNXT57508 } from '../../../devices/bnxt/bnxt57508.ts';
import { pointedRequests } from '../../../drivers/bnxt/compat.ts';
import { bnxtDialect } from '../../../drivers/bnxt/dialect/dialect.ts';
import { GuardedHwrm } from '../../../drivers/bnxt/dialect/door.ts';
import { bnxtFwctl } from '../../../drivers/bnxt/driver.ts';
import { CustomChannel } from '../../../firmware/bnxt/custom.ts';
import { BnxtFirmware } from '../../../firmware/bnxt/firmware.ts';
import type { Hwrm } from '../../../firmware/bnxt/hwrm.ts';
import { Loopback } from '../../../firmware/bnxt/loopback.ts';
import { FRESH_STATE } from '../../../firmware/bnxt/state.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import type { FunctionSpec } from '../../config/device-spec.ts';
import { auxiliaryParent } from '../auxiliary-parent.ts';
import { type DriverParts, fwctlDriver, keysOf, type Probed } from '../driver-row.ts';
import { makeFirmware, prepareModules } from '../firmware-module.ts';
import { FIRMWARE_KEY, type FirmwareKeys, LOOPBACK, refuseValues } from '../firmware-path.ts';
import { KeptFirmware } from '../kept-state.ts';
import { type PartData, partKey, withParts } from '../shaped-key.ts';
import { ShapedLiveValues } from '../shaped-live-values.ts';
import { type BnxtFacts, BnxtFunction } from './bnxt/function.ts';
import { bnxtProfiles, fitted, LOOPBACK_PROFILE } from './bnxt/profiles.ts';
import { SavingHwrm } from './bnxt/saving-hwrm.ts';

interface BnxtKeys extends FirmwareKeys {
  /** Parts of the profile that a configuration adds to. */
  readonly nvm: PartData;
  readonly hwrm: PartData;
  /** The format of requests that are not mainline's; undefined: mainline's. */
  readonly compat: string | undefined;
}

/** pci.ids: Broadcom; an Ethernet controller. */
const BROADCOM = 0x14e4;
const ETHERNET = 0x020000;
const MEMBER = 'hwrm';
const RPC_BNXT = 'fwctl_rpc_bnxt';
/** The recorded device's, whose profile has no values. */
const RECORDED = { ...BNXT57508.values.pci, subsystem_device: 0x0008, revision: 0 };

export const BNXT_DRIVER = fwctlDriver<BnxtKeys>({
  subsystem: 'fwctl',
  name: 'bnxt',
  deviceType: DEVICE_TYPE.BNXT,
  since: 'linux-7.1',
  keys: {
    firmware: FIRMWARE_KEY,
    nvm: partKey(
      BNXT_SHAPE,
      'nvm',
      'Driver bnxt: NVM items beside those of the profile, by type and ordinal; the content is a file, data in hex or text.',
      '[{type: PKG_LOG, ordinal: 0, file: pkg.bin}]',
    ),
    hwrm: partKey(
      BNXT_SHAPE,
      'hwrm',
      'Driver bnxt: answers to requests, by name or number: what stands behind the header, in hex, or a status.',
      '{0x00dd: {bytes: "01020304"}}',
    ),
    compat: {
      about:
        "Driver bnxt: fwctl_rpc_bnxt takes requests as Broadcom's fwctl_client.py sends them, by a pointer. Default: mainline's format.",
      example: RPC_BNXT,
      takes: 'text',
      unlessTold: undefined,
      read: readCompat,
    },
  },
  check: refuseValues,
  profiles: bnxtProfiles,
  dialect: bnxtDialect,
  // bnxt_en's bnxt_ulp.c: bnxt_aux_devices_init(); bnxtctl_probe() of drivers/fwctl/bnxt/main.c
  parents: (spec, _keys, number, probed) => [
    new BnxtFunction(spec, number, probed, FACTS),
    auxiliaryParent('bnxt_en', 'bnxt_fwctl', number),
  ],
  prepare: prepareModules(MEMBER),
  probe(spec, keys, parts) {
    const { firmware: other } = keys;
    if (other !== undefined) return probed(otherFirmware(other, spec, parts), keys, parts);
    if (spec.profile === LOOPBACK_PROFILE) return probed(new Loopback({}, parts.clock), keys, parts);
    const values = valuesOf(spec, keys);
    if (values === undefined) throw new Error(`there is no device profile ${spec.profile}`);
    const firmware = new BnxtFirmware(values, fitted(values), parts.clock);
    const kept = new KeptFirmware(firmware, FRESH_STATE, spec.pci, parts.states, parts.warn);
    const door = parts.states.durable ? new SavingHwrm(firmware, kept) : firmware;
    return { ...probed(door, keys, parts), live: new ShapedLiveValues(BNXT_SHAPE, firmware), kept };
  },
});

/** Undefined: the profile has none, or is not there. */
function valuesOf(spec: FunctionSpec, { nvm, hwrm }: BnxtKeys): BnxtValues | undefined {
  const values = bnxtProfiles.resolve(spec)?.values;
  if (values === undefined) return undefined;
  return withOverrides(BNXT_SHAPE, withParts(BNXT_SHAPE, values, { nvm, hwrm }), spec.overrides);
}

/** The same; undefined as well: a recording's profile may be the path of a file that is not here. */
function knownValues(spec: FunctionSpec, keys: BnxtKeys): BnxtValues | undefined {
  try {
    return valuesOf(spec, keys);
  } catch {
    return undefined;
  }
}

/** The values of this moment; undefined: what stands behind the device has none. */
function liveOf(probed: Probed | undefined): BnxtValues | undefined {
  return probed?.live instanceof ShapedLiveValues ? (probed.live.now() as BnxtValues) : undefined;
}

const FACTS: BnxtFacts = {
  ids: idsOf,
  values: (spec, probed) => liveOf(probed) ?? knownValues(spec, keysOf(BNXT_DRIVER, spec) as BnxtKeys),
};

function idsOf(spec: FunctionSpec): PciIdentity {
  const pci = knownValues(spec, keysOf(BNXT_DRIVER, spec) as BnxtKeys)?.pci ?? RECORDED;
  return {
    vendor: BROADCOM,
    device: pci.device,
    subsystemVendor: pci.subsystem_vendor,
    subsystemDevice: pci.subsystem_device,
    revision: pci.revision,
    classCode: ETHERNET,
  };
}

function probed(hwrm: Hwrm, { compat }: BnxtKeys, { abi, guards }: DriverParts): Probed {
  const door = guards().reduce((inner: Hwrm, guard) => new GuardedHwrm(inner, guard), hwrm);
  const ops = bnxtFwctl(door, abi);
  return { ops: (compat === RPC_BNXT ? pointedRequests(ops) : ops) as FwctlOps<unknown> };
}

/** What stands behind the device instead of the profile's emulation. */
function otherFirmware(path: string, spec: FunctionSpec, parts: DriverParts): Hwrm {
  if (path === LOOPBACK) return new Loopback({}, parts.clock);
  const { firmware, failed } = makeFirmware<CustomHwrm>(path, MEMBER, spec, parts);
  return new CustomChannel(firmware, failed);
}

function readCompat(text: string): string {
  if (text === RPC_BNXT) return text;
  throw new Error(`compat is ${RPC_BNXT}, not "${text}"; without it requests have mainline's format`);
}
