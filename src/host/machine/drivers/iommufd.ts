/**
 * iommufd as two misc devices, iommu_misc_dev and vfio_misc_dev of drivers/iommu/iommufd/main.c with numbers, names,
 * modes (CONFIG_IOMMUFD_VFIO_CONTAINER=y). Dynamic misc minors start at 256 (drivers/char/misc.c); VFIO_MINOR is 196.
 */
import { iommufdFileOps } from '../../../iommufd/fops.ts';
import { iommufdCommands } from '../../../iommufd/ioctls.ts';
import type { CommandOps } from '../../../kernel/commands.ts';
import type { DeviceSpec } from '../../config/device-spec.ts';
import {
  DEFAULT_IOMMUFD,
  IOMMU_MODE,
  type IommufdKeys,
  iommufdKeys,
  iommufdProfile,
  readIommufdAbi,
  readThp,
} from '../../config/iommufd-spec.ts';
import { onlyName } from '../../profiles/profile-kind.ts';
import { miscDriver } from '../driver-row.ts';
import type { HostNode } from '../host-device.ts';

const VFIO_MODE = 0o666;

/** `spec.mode` is /dev/iommu's; /dev/vfio/vfio is everybody's. `around`: what stands before a node's commands. */
export function iommufdNodes(
  spec: DeviceSpec,
  around: (commands: CommandOps, node: string) => CommandOps = (commands) => commands,
): readonly HostNode[] {
  const { uid, gid } = spec;
  const options = { abi: iommufdProfile(spec), thp: iommufdKeys(spec).thp };
  const node = { class: 'misc', uid, gid } as const;
  const fileOps = (node: string, vfioNode: boolean) =>
    iommufdFileOps({ ...options, vfioNode, around: (commands) => around(commands, node) });
  const nodes: HostNode[] = [
    {
      ...node,
      name: 'iommu',
      path: 'iommu',
      minor: 256,
      mode: spec.mode,
      classMode: IOMMU_MODE,
      fileOps: fileOps('iommu', false),
    },
  ];
  // the postings before VFIO compatibility had the one node
  if (!options.abi.ioas) return nodes;
  nodes.push({
    ...node,
    name: 'vfio',
    path: 'vfio/vfio',
    minor: 196,
    mode: VFIO_MODE,
    classMode: VFIO_MODE,
    fileOps: fileOps('vfio', true),
  });
  return nodes;
}

export const IOMMUFD_DRIVER = miscDriver<IommufdKeys>({
  subsystem: 'misc',
  name: 'iommufd',
  keys: {
    abi: {
      about:
        'Driver iommufd: the kernel whose iommufd it is: linux-6.12, iommufd-v3 or iommufd-rfc. Default: linux-6.12.',
      example: 'iommufd-v3',
      takes: 'text',
      unlessTold: DEFAULT_IOMMUFD.abi,
      read: readIommufdAbi,
    },
    thp: {
      about:
        'Driver iommufd: the kernel has transparent huge pages, so that chosen IOVAs are aligned to 2 MiB. Default: false.',
      example: 'true',
      takes: 'switch',
      unlessTold: DEFAULT_IOMMUFD.thp,
      read: readThp,
    },
  },
  profiles: onlyName('iommufd', 'the I/O address spaces of /dev/iommu'),
  // 0660 root:root is what the kernel's own node has
  mode: IOMMU_MODE,
  ioctls: (spec) => new Map(iommufdCommands(iommufdProfile(spec)).map(({ number, name }) => [number, name])),
  nodes: iommufdNodes,
  async describe() {
    const { iommufdTrace } = await import('../../../iommufd/describe.ts');
    return (spec) => iommufdTrace(iommufdProfile(spec));
  },
});
