/** Driver pds: an AMD Pensando DSC, loopback firmware behind its admin queue. */

import { DEVICE_TYPE } from '../../../abi/fwctl.ts';
import { pdsDialect } from '../../../drivers/pds/dialect/dialect.ts';
import { pdsFwctl } from '../../../drivers/pds/driver.ts';
import { Loopback } from '../../../firmware/pds/loopback.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import { onlyName } from '../../profiles/profile-kind.ts';
import { auxiliaryParent } from '../auxiliary-parent.ts';
import { fwctlDriver } from '../driver-row.ts';

/** pci.ids: Pensando; the DSC Management Controller; an Ethernet controller. The subsystem is the recorder's. */
const IDENTITY = {
  vendor: 0x1dd8,
  device: 0x100c,
  subsystemVendor: 0x1dd8,
  subsystemDevice: 0x0008,
  revision: 0,
  classCode: 0x020000,
};

export const PDS_DRIVER = fwctlDriver<Readonly<Record<string, never>>>({
  subsystem: 'fwctl',
  name: 'pds',
  deviceType: DEVICE_TYPE.PDS,
  since: 'linux-6.15',
  keys: {},
  profiles: onlyName('pds-loopback', "answers as the recorded drivers' mock: gives back what it gets"),
  dialect: pdsDialect,
  // pdsc_auxbus_dev_add() of pds_core's auxbus.c, by `pdsc->uid`; pdsfc_probe() of drivers/fwctl/pds/main.c
  parents: ({ pci }, _keys, number) => [
    { bus: 'pci', name: pci, driver: 'pds_core', holds: true, identity: IDENTITY },
    auxiliaryParent('pds_core', 'pds_fwctl', number),
  ],
  probe: (_spec, _keys, { clock, guards }) => ({
    ops: pdsFwctl(new Loopback({}, clock), guards()) as FwctlOps<unknown>,
  }),
});
