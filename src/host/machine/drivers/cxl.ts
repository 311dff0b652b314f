/** Driver cxl: a CXL memory device, of whose features fwctl makes a device. */

import type { CxlCustomFirmware } from '../../../abi/cxl/custom-firmware.ts';
import { CXL_SHAPE, type CxlValues, PROVIDERS } from '../../../abi/cxl/device-profile.ts';
import { DEVICE_TYPE } from '../../../abi/fwctl.ts';
import { withCxlOverrides } from '../../../devices/cxl/attribute-values.ts';
import { examineCxl } from '../../../devices/cxl/examine.ts';
import { cxlDialect } from '../../../drivers/cxl/dialect/dialect.ts';
import { cxlFwctl } from '../../../drivers/cxl/driver.ts';
import { CustomMailbox } from '../../../firmware/cxl/custom.ts';
import { CxlFirmware } from '../../../firmware/cxl/firmware.ts';
import { CxlLoopback } from '../../../firmware/cxl/loopback.ts';
import { LOOPBACK_MODELS, type LoopbackModel } from '../../../firmware/cxl/loopback-models.ts';
import type { CxlMailbox } from '../../../firmware/cxl/mailbox.ts';
import type { FunctionSpec } from '../../config/device-spec.ts';
import { type DriverParts, fwctlDriver, type Probed } from '../driver-row.ts';
import { makeFirmware, prepareModules } from '../firmware-module.ts';
import { FIRMWARE_KEY, type FirmwareKeys, LOOPBACK, refuseValues } from '../firmware-path.ts';
import { CXL_MODULES } from '../kernel-modules.ts';
import { type PartData, partKey, withParts } from '../shaped-key.ts';
import { KeptState } from './cxl/kept-state.ts';
import { CxlLiveValues } from './cxl/live-values.ts';
import { type MemdevFacts, memdevAttributes, memdevNode } from './cxl/memdev.ts';
import { cxlProfiles } from './cxl/profiles.ts';

interface CxlKeys extends FirmwareKeys {
  readonly features: PartData;
}

/** PCI_CLASS_MEMORY_CXL of include/linux/pci_ids.h with the programming interface of a CXL 2.0 device. */
const CXL_MEMORY = 0x050210;
/** By provider, as cxl_bus_get_provider() of libcxl tells them: ACPI's device, and that of the kernel's cxl_test. */
const PLATFORMS: Readonly<Record<number, string>> = {
  [PROVIDERS['ACPI.CXL']]: 'ACPI0017:00',
  [PROVIDERS.cxl_test]: 'cxl_acpi.0',
};
/** The name of a firmware module's function. */
const MEMBER = 'feature';

export const CXL_DRIVER = fwctlDriver<CxlKeys>({
  subsystem: 'fwctl',
  name: 'cxl',
  deviceType: DEVICE_TYPE.CXL,
  since: 'linux-6.15',
  keys: {
    firmware: FIRMWARE_KEY,
    features: partKey(
      CXL_SHAPE,
      'features',
      "Driver cxl: features beside the profile's own, or other than there (docs/cxl.md).",
      '[{uuid: feed0000-0000-0000-0000-0000000000aa, get: 4, set: 4, flags: changeable, effects: config_immediate}]',
    ),
  },
  check(spec) {
    const keys = spec.keys as CxlKeys | undefined;
    if (keys?.firmware === LOOPBACK && keys.features !== undefined)
      return { key: 'features', message: 'a loopback has features of its own; take firmware out, or these' };
    if (keys?.firmware === LOOPBACK) return refuseValues(spec);
    if (keys?.firmware !== undefined && modelOf(spec.profile) !== undefined) {
      const message = `profile ${spec.profile} is a loopback, and has no features to answer for; name another`;
      return { key: 'firmware', message };
    }
    if (keys?.features === undefined) return undefined;
    try {
      if (valuesOf(spec, keys) !== undefined) return undefined;
      return { key: 'features', message: `profile ${spec.profile} has features of its own alone; take them out` };
    } catch (error) {
      return { key: 'features', message: (error as Error).message };
    }
  },
  profiles: cxlProfiles,
  dialect: cxlDialect,
  parents(spec, keys, number) {
    const values = knownValues(spec, keys);
    return [
      {
        bus: 'pci',
        name: spec.pci,
        driver: 'cxl_pci',
        holds: true,
        modules: CXL_MODULES,
        identity: {
          vendor: values?.pci_vendor_id ?? NOBODY.vendor,
          device: values?.pci_device_id ?? NOBODY.device,
          subsystemVendor: 0,
          subsystemDevice: 0,
          revision: 0,
          classCode: CXL_MEMORY,
        },
      },
      {
        bus: 'cxl',
        name: `mem${number}`,
        driver: 'cxl_mem',
        holds: true,
        // CXL_DEVICE_MEMORY_EXPANDER of drivers/cxl/cxl.h
        modalias: 'cxl:t5',
        type: 'cxl_memdev',
        platform: PLATFORMS[values?.provider ?? PROVIDERS['ACPI.CXL']] ?? '',
        attributes: memdevAttributes(values ?? loopbackFacts(modelOf(spec.profile), number)),
      },
    ];
  },
  nodes: (number) => [memdevNode(number)],
  prepare: prepareModules(MEMBER),
  probe(spec, keys, parts) {
    const model = keys.firmware === LOOPBACK ? LOOPBACK_MODELS[0] : modelOf(spec.profile);
    if (model !== undefined) return { ops: driver(new CxlLoopback(model, parts.clock), spec, parts) };
    const values = valuesOf(spec, keys);
    if (values === undefined) throw new Error(`there is no device profile ${spec.profile}`);
    const firmware = new CxlFirmware(values);
    if (keys.firmware !== undefined)
      return { ops: driver(otherFirmware(firmware, keys.firmware, spec, parts), spec, parts) };
    const kept = new KeptState(firmware, spec.pci, parts.states, parts.warn);
    return { ops: driver(kept.mailbox, spec, parts), live: new CxlLiveValues(firmware), kept };
  },
});

/** 0x1234 is nobody's: the recorded devices were no PCI hardware. */
const NOBODY = { vendor: 0x1234, device: 0x0d93 };

/** Undefined: a loopback's profile has no values. Throws an Error that says what is wrong with them. */
function valuesOf(
  spec: Pick<FunctionSpec, 'profile' | 'overrides' | 'file'>,
  { features }: CxlKeys,
): CxlValues | undefined {
  const found = cxlProfiles.resolve(spec);
  if (found === undefined) return undefined;
  // examined when it was read
  if (features === undefined && Object.keys(spec.overrides).length === 0) return found.values;
  const values = withCxlOverrides(withParts(CXL_SHAPE, found.values, { features }), spec.overrides);
  examineCxl(values);
  return values;
}

/** The same; undefined as well: a recording's profile may be the path of a file that is not here. */
function knownValues(spec: FunctionSpec, keys: CxlKeys): CxlValues | undefined {
  try {
    return valuesOf(spec, keys);
  } catch {
    return undefined;
  }
}

/** Undefined: a recording's profile need not be one of ours. */
function modelOf(profile: string): LoopbackModel | undefined {
  return LOOPBACK_MODELS.find(({ name }) => name === profile);
}

/** Values but payload_size are invented. */
function loopbackFacts(model: LoopbackModel | undefined, number: number): MemdevFacts {
  return {
    serial: BigInt(number + 1),
    firmware_version: 'fwctl-emu',
    ram_size: 0x1000_0000,
    pmem_size: 0,
    label_storage_size: 0,
    payload_size: model?.payloadSize ?? 0,
  };
}

function driver(mailbox: CxlMailbox, { pci }: FunctionSpec, { guards, warnOnce }: DriverParts): Probed['ops'] {
  const device = { name: `cxl_pci ${pci}`, subsystem: 'pci', device: `+pci:${pci}` };
  return cxlFwctl(mailbox, guards(), (text) => warnOnce(text, device));
}

/** A module's: the profile says what there is, the module answers. */
function otherFirmware(profile: CxlFirmware, path: string, spec: FunctionSpec, parts: DriverParts): CxlMailbox {
  const { firmware, failed } = makeFirmware<CxlCustomFirmware>(path, MEMBER, spec, parts);
  return new CustomMailbox(profile, firmware, failed);
}
