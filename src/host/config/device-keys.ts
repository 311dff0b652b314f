/**
 * The keys of a device, in a configuration file and in `--device` alike: what they mean, for messages, help, the JSON
 * Schema. Here are those of every device; beside them stand the drivers' own, which their rows bring. A key is added
 * here, to config-schema.ts (its type) and to device-entry.ts (its meaning); the compiler asks for all three.
 */
import type { AnyDriverKeys } from './driver-key.ts';

export const DEVICE_KEYS = {
  driver: {
    about: 'The driver that serves the device. Default: the one that the profile belongs to.',
    example: 'mlx5',
  },
  profile: {
    about:
      "The device profile, by name or as a file's path: who it says it is, and what its firmware has. Default: the driver's first.",
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
  surroundings: {
    about:
      'What a view shows around the device: all, none, or of pci, rdma, net, modules some, with + between. Default: all.',
    example: 'pci+modules',
  },
  set: {
    about: 'Profile values that are different on this device, by dotted name.',
    example: 'caps.GENERAL.log_max_qp: 17',
  },
  live: {
    about: 'Values that are set once it is plugged, as by "fwctl-emu set": registers of one port too.',
    example: 'registers.PAOS[local_port=2].oper_status: 2',
  },
} as const;

export type DeviceKey = keyof typeof DEVICE_KEYS;

/** What help and messages say of a key. */
export interface KeyFacts {
  readonly about: string;
  readonly example: string;
}

/** Every key by name: `set` and `live` last, and the drivers' own before them. */
export function allDeviceKeys(
  drivers: readonly { readonly keys: AnyDriverKeys }[],
): Readonly<Record<string, KeyFacts>> {
  const { set, live, ...common } = DEVICE_KEYS;
  return { ...common, ...ownKeys(drivers), set, live };
}

/** Those of all drivers; of two of one name the first. */
export function ownKeys(drivers: readonly { readonly keys: AnyDriverKeys }[]): AnyDriverKeys {
  const rows = drivers.flatMap(({ keys }) => Object.entries(keys));
  return Object.fromEntries(rows.filter(([key], index) => rows.findIndex(([other]) => other === key) === index));
}

/** Most devices that one entry may ask for; the largest FWCTL_MAX_DEVICES of the ABI profiles. */
export const MAX_COUNT = 4096;
