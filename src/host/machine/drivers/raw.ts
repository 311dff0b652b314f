/** Driver raw: a device that answers what its configuration says, of any device type. */
import { rawFwctl } from '../../../drivers/raw/driver.ts';
import { noDialect } from '../../../fwctl/no-dialect.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import { onlyName } from '../../profiles/profile-kind.ts';
import { fwctlDriver } from '../driver-row.ts';
import {
  hexNumber,
  type RawKeys,
  rawOptionsOf,
  readDeviceType,
  readDriverName,
  readInfo,
  readRpc,
} from './raw-spec.ts';

export const RAW_DRIVER = fwctlDriver<RawKeys>({
  subsystem: 'fwctl',
  name: 'raw',
  deviceType: undefined,
  since: undefined,
  keys: {
    device_type: {
      about: 'Driver raw: enum fwctl_device_type, 32 bits. Default: 0x7e.',
      example: '0x7e',
      takes: 'number',
      unlessTold: 0x7e,
      read: readDeviceType,
    },
    info: {
      about:
        'Driver raw: device data of FWCTL_INFO in hex, or none for a driver without an info op. Default: no bytes.',
      example: '030a1118',
      takes: 'number',
      unlessTold: '',
      read: readInfo,
    },
    rpc: {
      about: 'Driver raw: the answer to every RPC: echo, hex:BYTES, errno:NAME or length:N bytes. Default: echo.',
      example: 'hex:00000001',
      takes: 'text',
      unlessTold: 'echo',
      read: readRpc,
    },
    // 0x1234 is nobody's: the ids are invented, as QEMU's own are
    pci_vendor: {
      about: 'Driver raw: vendor id of the PCI function, 16 bits. Default: 0x1234, an invented one.',
      example: '0x19e5',
      takes: 'number',
      unlessTold: 0x1234,
      read: hexNumber('pci_vendor', 16),
    },
    pci_device: {
      about: 'Driver raw: its device id, 16 bits. Default: 0x0001.',
      example: '0xa222',
      takes: 'number',
      unlessTold: 0x0001,
      read: hexNumber('pci_device', 16),
    },
    pci_class: {
      about: 'Driver raw: its class, 24 bits, base class first. Default: 0xff0000, a device of no class.',
      example: '0x020000',
      takes: 'number',
      unlessTold: 0xff0000,
      read: hexNumber('pci_class', 24),
    },
    pci_driver: {
      about: 'Driver raw: the PCI driver that sysfs shows bound to it. Default: fwctl_emu_raw.',
      example: 'ubase',
      takes: 'text',
      unlessTold: 'fwctl_emu_raw',
      read: readDriverName,
    },
  },
  profiles: onlyName('loopback', 'gives back what it gets'),
  dialect: noDialect('raw'),
  parents: ({ pci }, { pci_vendor: vendor, pci_device: device, pci_class: classCode, pci_driver: driver }) => [
    {
      bus: 'pci',
      name: pci,
      driver,
      holds: true,
      identity: { vendor, device, subsystemVendor: 0, subsystemDevice: 0, revision: 0, classCode },
    },
  ],
  probe(_spec, keys, { abi }) {
    if (keys.info === undefined && !abi.optionalInfo)
      throw new Error(`${abi.title} has no driver without an info op: its core calls it without a test; give info`);
    return { ops: rawFwctl(rawOptionsOf(keys)) as FwctlOps<unknown> };
  },
});
