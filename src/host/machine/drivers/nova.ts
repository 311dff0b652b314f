/** Driver nova-core: an NVIDIA GPU, of whose GSP firmware its driver makes a fwctl device. In no kernel release. */

import { NOVA_EXAMPLE } from '../../../devices/nova/nova-example.ts';
import { novaDialect } from '../../../drivers/nova/dialect/dialect.ts';
import { novaFwctl } from '../../../drivers/nova/driver.ts';
import { Gsp } from '../../../firmware/nova/gsp.ts';
import { onlyName } from '../../profiles/profile-kind.ts';
import { fwctlDriver } from '../driver-row.ts';

/** pci.ids. */
const NVIDIA = 0x10de;

export const NOVA_DRIVER = fwctlDriver<Readonly<Record<string, never>>>({
  subsystem: 'fwctl',
  name: 'nova-core',
  // its branch says 5, and so do two others: a device of that number need not be one of these
  deviceType: undefined,
  since: undefined,
  keys: {},
  profiles: onlyName(NOVA_EXAMPLE.name, NOVA_EXAMPLE.title),
  dialect: novaDialect,
  // the class device stands below the function itself: fwctl::Registration::new() of nova-core's driver.rs
  parents({ pci }) {
    const { identity } = NOVA_EXAMPLE;
    return [
      {
        bus: 'pci',
        name: pci,
        driver: 'NovaCore',
        holds: true,
        identity: {
          vendor: NVIDIA,
          device: identity.pci_device_id,
          subsystemVendor: identity.pci_subsystem_vendor_id,
          subsystemDevice: identity.pci_subsystem_id,
          revision: identity.pci_revision,
          classCode: identity.pci_class,
        },
      },
    ];
  },
  probe: (_spec, _keys, { guards }) => ({
    ops: novaFwctl(new Gsp(NOVA_EXAMPLE.types), NOVA_EXAMPLE.identity.device_type, guards()),
  }),
});
