/**
 * The keys of one device, in a configuration file and in `--device` alike: what they mean, for messages, help, the JSON Schema.
 * A key is added here, to config-schema.ts (its type) and to device-entry.ts (its meaning); the compiler asks for all three.
 */
export const DEVICE_KEYS = {
  driver: {
    about: 'The driver that serves the device. Default: the one that the profile belongs to.',
    example: 'mlx5',
  },
  profile: {
    about:
      "The device profile, by name or as a file's path: identity, capabilities, register values. Default: the driver's first.",
    example: 'connectx6dx',
  },
  pci: {
    about: 'PCI address, dddd:bb:dd.f or bb:dd.f. Default: the first free one from 0000:00:0a.0 upward.',
    example: '0000:00:0b.0',
  },
  count: {
    about:
      'How many such devices. They get successive PCI addresses: the device number goes up (0a.0, 0b.0, ...), then the bus.',
    example: '4',
  },
  mode: {
    about: 'Permission bits of the node, octal, as for chmod(1). Default: 0600; of driver iommufd 0660.',
    example: '0660',
  },
  owner: { about: 'Owner of the node, a user name or number. Default: root.', example: 'root' },
  group: { about: 'Group of the node, a group name or number. Default: root.', example: 'daemon' },
  firmware: {
    about:
      "Instead of the profile's emulation: loopback, which gives back what it gets, or a JavaScript module's path (docs/custom-firmware.md).",
    example: './my-firmware.mjs',
  },
  device_type: { about: 'Driver raw: enum fwctl_device_type, 32 bits. Default: 0x7e.', example: '0x7e' },
  info: {
    about: 'Driver raw: device data of FWCTL_INFO in hex, or none for a driver without an info op. Default: no bytes.',
    example: '030a1118',
  },
  rpc: {
    about: 'Driver raw: the answer to every RPC: echo, hex:BYTES, errno:NAME or length:N bytes. Default: echo.',
    example: 'hex:00000001',
  },
  abi: {
    about:
      'Driver iommufd: the kernel whose iommufd it is: linux-6.12, iommufd-v3 or iommufd-rfc. Default: linux-6.12.',
    example: 'iommufd-v3',
  },
  thp: {
    about:
      'Driver iommufd: the kernel has transparent huge pages, so that chosen IOVAs are aligned to 2 MiB. Default: false.',
    example: 'true',
  },
  set: {
    about: 'Profile values that are different on this device, by dotted name.',
    example: 'caps.GENERAL.log_max_qp: 17',
  },
} as const;

export type DeviceKey = keyof typeof DEVICE_KEYS;

export const DEVICE_KEY_NAMES = Object.keys(DEVICE_KEYS) as readonly DeviceKey[];

/** Most devices that one entry may ask for; the largest FWCTL_MAX_DEVICES of the ABI profiles. */
export const MAX_COUNT = 4096;
