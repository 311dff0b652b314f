/** What is emulated when nobody says anything else: one ConnectX-6 Dx, its node for root alone. */
import type { FunctionSpec } from './device-spec.ts';

/** The device without a configuration, and the default of each of its keys. */
export const DEFAULT_DEVICE: FunctionSpec = {
  driver: 'mlx5',
  profile: 'connectx6dx',
  pci: '0000:00:0a.0',
  // 0600 root:root is what the kernel's own nodes have (fwctl_devnode() of drivers/fwctl/main.c gives a name, no mode).
  mode: 0o600,
  uid: 0,
  gid: 0,
  overrides: {},
};

/** Where the kernel's devtmpfs puts the nodes: fwctl_devnode() of drivers/fwctl/main.c. */
export const DEFAULT_DEV_DIR = '/dev/fwctl';
