/** Driver pds: an AMD Pensando DSC, whose firmware answers as its profile says, or gives back what it gets. */

import { DEVICE_TYPE } from '../../../abi/fwctl.ts';
import type { PdsCustomFirmware } from '../../../abi/pds/custom-firmware.ts';
import { MAX_OPERATIONS, PDS_SHAPE, type PdsValues } from '../../../abi/pds/device-profile.ts';
import { withOverrides } from '../../../abi/profile-values.ts';
import { PDS_EXAMPLE } from '../../../devices/pds/pds-example.ts';
import { pdsDialect } from '../../../drivers/pds/dialect/dialect.ts';
import { pdsFwctl } from '../../../drivers/pds/driver.ts';
import type { AdminQueue } from '../../../firmware/pds/adminq.ts';
import { CustomQueue } from '../../../firmware/pds/custom.ts';
import { PdsFirmware } from '../../../firmware/pds/firmware.ts';
import { Loopback } from '../../../firmware/pds/loopback.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import type { FunctionSpec } from '../../config/device-spec.ts';
import { shapedProfiles } from '../../profiles/shaped-profiles.ts';
import { auxiliaryParent } from '../auxiliary-parent.ts';
import { fwctlDriver } from '../driver-row.ts';
import { makeFirmware, prepareModules } from '../firmware-module.ts';
import { FIRMWARE_KEY, type FirmwareKeys, LOOPBACK, refuseValues } from '../firmware-path.ts';
import { PDS_MODULES } from '../kernel-modules.ts';
import { ValueError } from '../live-values.ts';
import { type PartData, partKey, withParts } from '../shaped-key.ts';
import { ShapedLiveValues } from '../shaped-live-values.ts';

interface PdsKeys extends FirmwareKeys {
  /** Beside the profile's own. */
  readonly endpoints: PartData;
}

/** A firmware module's function. */
const MEMBER = 'rpc';
/** pci.ids: Pensando; an Ethernet controller. The subsystem is the recorder's. */
const PENSANDO = 0x1dd8;
const ETHERNET = 0x020000;

export const PDS_PROFILES = shapedProfiles<PdsValues>({
  driver: 'pds',
  shape: PDS_SHAPE,
  builtIn: [PDS_EXAMPLE],
  names: [{ name: 'pds-loopback', title: "answers as the recorded drivers' mock: gives back what it gets" }],
  examine: refuseTooMany,
  summary({ endpoints }) {
    const operations = Object.values(endpoints).flatMap((one) => Object.keys(one.operations));
    return `${Object.keys(endpoints).length} endpoints, ${operations.length} operations`;
  },
  pciDevice: (values) => values.pci_device_id,
});

export const PDS_DRIVER = fwctlDriver<PdsKeys>({
  subsystem: 'fwctl',
  name: 'pds',
  deviceType: DEVICE_TYPE.PDS,
  since: 'linux-6.15',
  keys: {
    firmware: FIRMWARE_KEY,
    endpoints: partKey(
      PDS_SHAPE,
      'endpoints',
      "Driver pds: endpoints and their operations, beside the profile's own: what each operation answers (docs/pds.md).",
      '[{id: 3, operations: [{id: 0x10001, attribute: read, reply: echo}]}]',
    ),
  },
  check: (spec) => (spec.keys?.firmware === LOOPBACK ? refuseValues(spec) : undefined),
  profiles: PDS_PROFILES,
  dialect: pdsDialect,
  // pdsc_auxbus_dev_add() of pds_core's auxbus.c, by `pdsc->uid`; pdsfc_probe() of drivers/fwctl/pds/main.c
  parents(spec, keys, number) {
    const { pci } = spec;
    const { pci_device_id: device, pci_subsystem_id: subsystemDevice } = knownValues(spec, keys) ?? PDS_EXAMPLE.values;
    return [
      {
        bus: 'pci',
        name: pci,
        driver: 'pds_core',
        holds: true,
        modules: PDS_MODULES,
        identity: {
          vendor: PENSANDO,
          device,
          subsystemVendor: PENSANDO,
          subsystemDevice,
          revision: 0,
          classCode: ETHERNET,
        },
      },
      auxiliaryParent('pds_core', 'pds_fwctl', number),
    ];
  },
  prepare: prepareModules(MEMBER),
  probe(spec, keys, parts) {
    const { firmware: other } = keys;
    const driver = (queue: AdminQueue) => pdsFwctl(queue, parts.guards()) as FwctlOps<unknown>;
    const values = other === LOOPBACK ? undefined : valuesOf(spec, keys);
    if (values === undefined) return { ops: driver(new Loopback({}, parts.clock)) };
    const firmware = new PdsFirmware(values);
    if (other !== undefined) {
      const made = makeFirmware<PdsCustomFirmware>(other, MEMBER, spec, parts);
      return { ops: driver(new CustomQueue(firmware, made.firmware, made.failed)) };
    }
    const live = new ShapedLiveValues<PdsValues>(PDS_SHAPE, {
      liveValues: () => firmware.liveValues(),
      adopt(changed, path) {
        if (!firmware.adopt(changed))
          throw new ValueError(
            `${path}: the driver asks for endpoints and operations once; give it in a configuration`,
          );
      },
    });
    return { ops: driver(firmware), live };
  },
});

/** Undefined: the loopback's profile has no values. Throws an Error that says what is wrong with them. */
function valuesOf(spec: FunctionSpec, { endpoints }: PdsKeys): PdsValues | undefined {
  const found = PDS_PROFILES.resolve(spec);
  if (found === undefined) return undefined;
  // examined when it was read
  if (endpoints === undefined && Object.keys(spec.overrides).length === 0) return found.values;
  const values = withParts(PDS_SHAPE, withOverrides(PDS_SHAPE, found.values, spec.overrides), { endpoints });
  refuseTooMany(values);
  return values;
}

/** The same; undefined as well: a recording's profile may be the path of a file that is not here. */
function knownValues(spec: FunctionSpec, keys: PdsKeys): PdsValues | undefined {
  try {
    return valuesOf(spec, keys);
  } catch {
    return undefined;
  }
}

function refuseTooMany({ endpoints }: PdsValues): void {
  for (const [ep, { operations }] of Object.entries(endpoints)) {
    const count = Object.keys(operations).length;
    if (count > MAX_OPERATIONS)
      throw new Error(`endpoint ${ep} has ${count} operations; the device can list ${MAX_OPERATIONS}`);
  }
}
