/** Driver bnxt: a Broadcom NetXtreme, a loopback behind its HWRM channel. */

import { DEVICE_TYPE } from '../../../abi/fwctl.ts';
import { bnxtDialect } from '../../../drivers/bnxt/dialect/dialect.ts';
import { GuardedHwrm } from '../../../drivers/bnxt/dialect/door.ts';
import { bnxtFwctl } from '../../../drivers/bnxt/driver.ts';
import type { Hwrm } from '../../../firmware/bnxt/hwrm.ts';
import { Loopback } from '../../../firmware/bnxt/loopback.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import { onlyName } from '../../profiles/profile-kind.ts';
import { auxiliaryParent } from '../auxiliary-parent.ts';
import { fwctlDriver } from '../driver-row.ts';

/** pci.ids: Broadcom, BCM57608; an Ethernet controller. The subsystem is the recorded device's. */
const IDENTITY = {
  vendor: 0x14e4,
  device: 0x1750,
  subsystemVendor: 0x14e4,
  subsystemDevice: 0x0008,
  revision: 0,
  classCode: 0x020000,
} as const;

export const BNXT_DRIVER = fwctlDriver<Readonly<Record<string, never>>>({
  subsystem: 'fwctl',
  name: 'bnxt',
  deviceType: DEVICE_TYPE.BNXT,
  since: 'linux-7.1',
  keys: {},
  profiles: onlyName('bnxt-loopback', "answers as the recorded drivers' mock: gives back what it gets"),
  dialect: bnxtDialect,
  // bnxt_en's bnxt_ulp.c: bnxt_aux_devices_init(); bnxtctl_probe() of drivers/fwctl/bnxt/main.c
  parents: ({ pci }, _keys, number) => [
    { bus: 'pci', name: pci, driver: 'bnxt_en', holds: true, identity: IDENTITY },
    auxiliaryParent('bnxt_en', 'bnxt_fwctl', number),
  ],
  probe(_spec, _keys, { abi, clock, guards }) {
    const door = guards().reduce((inner: Hwrm, guard) => new GuardedHwrm(inner, guard), new Loopback({}, clock));
    return { ops: bnxtFwctl(door, abi) as FwctlOps<unknown> };
  },
});
