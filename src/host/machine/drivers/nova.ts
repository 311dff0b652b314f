/** Driver nova-core: an NVIDIA GPU, of whose GSP firmware its driver makes a fwctl device. In no kernel release. */

import { NOVA_SHAPE, type NovaValues, typesOf, typeValues } from '../../../abi/nova/device-profile.ts';
import { withOverrides } from '../../../abi/profile-values.ts';
import { NOVA_EXAMPLE } from '../../../devices/nova/nova-example.ts';
import { novaDialect } from '../../../drivers/nova/dialect/dialect.ts';
import { novaFwctl } from '../../../drivers/nova/driver.ts';
import { Gsp, MAX_TYPES } from '../../../firmware/nova/gsp.ts';
import type { FunctionSpec } from '../../config/device-spec.ts';
import { shapedProfiles } from '../../profiles/shaped-profiles.ts';
import { fwctlDriver } from '../driver-row.ts';
import { ValueError } from '../live-values.ts';
import { ShapedLiveValues } from '../shaped-live-values.ts';

/** pci.ids. */
const NVIDIA = 0x10de;

export const NOVA_PROFILES = shapedProfiles<NovaValues>({
  driver: 'nova-core',
  shape: NOVA_SHAPE,
  builtIn: [NOVA_EXAMPLE],
  summary: ({ types }) => `${Object.keys(types).length} vGPU types`,
  pciDevice: (values) => values.pci_device_id,
});

export const NOVA_DRIVER = fwctlDriver<Readonly<Record<string, never>>>({
  subsystem: 'fwctl',
  name: 'nova-core',
  // its branch says 5, and so do two others: a device of that number need not be one of these
  deviceType: undefined,
  since: undefined,
  keys: {},
  profiles: NOVA_PROFILES,
  dialect: novaDialect,
  // the class device stands below the function itself: fwctl::Registration::new() of nova-core's driver.rs
  parents(spec) {
    const values = knownValues(spec) ?? NOVA_EXAMPLE.values;
    return [
      {
        bus: 'pci',
        name: spec.pci,
        driver: 'NovaCore',
        holds: true,
        identity: {
          vendor: NVIDIA,
          device: values.pci_device_id,
          subsystemVendor: values.pci_subsystem_vendor_id,
          subsystemDevice: values.pci_subsystem_id,
          revision: values.pci_revision,
          classCode: values.pci_class,
        },
      },
    ];
  },
  probe(spec, _keys, { guards }) {
    const values = valuesOf(spec);
    const gsp = new Gsp(typesOf(values));
    const live = new ShapedLiveValues<NovaValues>(NOVA_SHAPE, {
      liveValues: () => ({ ...values, types: typeValues(gsp.types.values()) }),
      adopt(changed, path) {
        if (!typesOf(changed).every((type) => gsp.know(type)))
          throw new ValueError(`${path}: the firmware keeps ${MAX_TYPES} types, and has as many`);
      },
    });
    return { ops: novaFwctl(gsp, values.device_type, guards()), live };
  },
});

/** Throws an Error that says what is wrong with them. */
function valuesOf(spec: FunctionSpec): NovaValues {
  const found = NOVA_PROFILES.resolve(spec);
  if (found === undefined) throw new Error(`there is no device profile ${spec.profile}`);
  return withOverrides(NOVA_SHAPE, found.values, spec.overrides);
}

/** Undefined: a recording's profile may be the path of a file that is not here. */
function knownValues(spec: FunctionSpec): NovaValues | undefined {
  try {
    return valuesOf(spec);
  } catch {
    return undefined;
  }
}
