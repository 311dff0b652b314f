/** Devices for the tests of the view, and where the repository stands. */
import type { FileOps } from '../../../src/kernel/file-ops.ts';
import type { ViewDevice } from '../../../src/view/view-device.ts';

/** The repository, from dist/test/unit/view/. */
export const REPOSITORY = new URL('../../../../', import.meta.url).pathname;

const FILE_OPS: FileOps = { open: () => ({ ioctl: () => 7, release() {} }) };

/** A ConnectX-6 Dx. */
export function connectx(minor: number, pci: string, changes: Partial<ViewDevice> = {}): ViewDevice {
  return {
    name: `fwctl${minor}`,
    minor,
    major: 252,
    pciDriver: 'mlx5_core',
    auxiliary: {
      device: `mlx5_core.fwctl.${minor}`,
      driver: 'mlx5_fwctl.mlx5_fwctl',
      modalias: 'auxiliary:mlx5_core.fwctl',
    },
    spec: { driver: 'mlx5', profile: 'connectx6dx', pci, mode: 0o600, uid: 0, gid: 0, overrides: {} },
    pci: {
      vendor: 0x15b3,
      device: 0x101d,
      subsystemVendor: 0x15b3,
      subsystemDevice: 0x16,
      revision: 0,
      classCode: 0x020000,
    },
    fileOps: FILE_OPS,
    ...changes,
  };
}
