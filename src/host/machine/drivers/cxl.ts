/** Driver cxl: a CXL memory device, of whose features fwctl makes a device. */

import { DEVICE_TYPE } from '../../../abi/fwctl.ts';
import { cxlDialect } from '../../../drivers/cxl/dialect/dialect.ts';
import { cxlFwctl } from '../../../drivers/cxl/driver.ts';
import { CxlLoopback } from '../../../firmware/cxl/loopback.ts';
import { LOOPBACK_MODELS, type LoopbackModel } from '../../../firmware/cxl/loopback-models.ts';
import { onlyNames } from '../../profiles/profile-kind.ts';
import { fwctlDriver } from '../driver-row.ts';
import { memdevAttributes, memdevNode } from './cxl/memdev.ts';

/** PCI_CLASS_MEMORY_CXL of include/linux/pci_ids.h with the programming interface of a CXL 2.0 device. */
const CXL_MEMORY = 0x050210;

export const CXL_DRIVER = fwctlDriver<Readonly<Record<string, never>>>({
  subsystem: 'fwctl',
  name: 'cxl',
  deviceType: DEVICE_TYPE.CXL,
  since: 'linux-6.15',
  keys: {},
  profiles: onlyNames(LOOPBACK_MODELS),
  dialect: cxlDialect,
  // 0x1234 is nobody's: the recorded devices were no PCI hardware
  parents: ({ pci, profile }, _keys, number) => [
    {
      bus: 'pci',
      name: pci,
      driver: 'cxl_pci',
      holds: true,
      identity: {
        vendor: 0x1234,
        device: 0x0d93,
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
      attributes: memdevAttributes(modelOf(profile), number),
    },
  ],
  nodes: (number) => [memdevNode(number)],
  probe({ pci, profile }, _keys, { clock, guards, warnOnce }) {
    const model = modelOf(profile);
    if (model === undefined) throw new Error(`there is no device profile ${profile}`);
    const device = { name: `cxl_pci ${pci}`, subsystem: 'pci', device: `+pci:${pci}` };
    return { ops: cxlFwctl(new CxlLoopback(model, clock), guards(), (text) => warnOnce(text, device)) };
  },
});

/** Undefined: a recording's profile need not be one of ours. */
function modelOf(profile: string): LoopbackModel | undefined {
  return LOOPBACK_MODELS.find(({ name }) => name === profile);
}
