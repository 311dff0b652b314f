/**
 * iommufd as the machine has it: two misc devices, with the numbers, names and modes of iommu_misc_dev and vfio_misc_dev of
 * drivers/iommu/iommufd/main.c (CONFIG_IOMMUFD_VFIO_CONTAINER=y). Dynamic misc minors start at 256 (drivers/char/misc.c); VFIO_MINOR is 196.
 */
import {
  DEFAULT_IOMMUFD_ABI,
  IOMMUFD_PROFILES,
  type IommufdAbi,
  type IommufdAbiName,
  iommufdAbi,
} from '../../../abi/iommufd-profiles.ts';
import { didYouMean } from '../../../abi/nearest-name.ts';
import type { CommandOps } from '../../../iommufd/commands.ts';
import { iommufdFileOps } from '../../../iommufd/fops.ts';
import { iommufdCommands } from '../../../iommufd/ioctls.ts';
import type { DeviceSpec, HostNode } from '../host-device.ts';

/** What may be said of driver iommufd. */
export interface IommufdSpec {
  readonly abi: IommufdAbiName;
  /** CONFIG_TRANSPARENT_HUGEPAGE: chosen IOVAs are aligned to 2 MiB where the memory is. */
  readonly thp: boolean;
}

export const DEFAULT_IOMMUFD: IommufdSpec = { abi: DEFAULT_IOMMUFD_ABI, thp: false };

/** /dev/iommu's unless told. */
export const IOMMU_MODE = 0o660;
const VFIO_MODE = 0o666;

/** `spec.mode` is /dev/iommu's; /dev/vfio/vfio is everybody's. `around`: what stands before the commands of the node of that name. */
export function iommufdNodes(
  spec: DeviceSpec,
  around: (commands: CommandOps, node: string) => CommandOps = (commands) => commands,
): readonly HostNode[] {
  const { uid, gid } = spec;
  const { abi: name, thp } = spec.iommufd ?? DEFAULT_IOMMUFD;
  const options = { abi: profileOf(name), thp };
  const ioctls = new Map(iommufdCommands(options.abi).map((command) => [command.number, command.name]));
  const node = { class: 'misc', uid, gid, ioctls } as const;
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

/** Which kernel's iommufd a device is. */
export function iommufdProfile(spec: DeviceSpec): IommufdAbi {
  return profileOf((spec.iommufd ?? DEFAULT_IOMMUFD).abi);
}

function profileOf(name: IommufdAbiName): IommufdAbi {
  const profile = iommufdAbi(name);
  if (profile === undefined) throw new Error(`there is no iommufd of ${name}`);
  return profile;
}

/** Throws an Error that says what would do. */
export function readIommufdAbi(text: string): IommufdAbiName {
  const profile = iommufdAbi(text);
  if (profile !== undefined) return profile.name;
  const names = IOMMUFD_PROFILES.map(({ name }) => name);
  throw new Error(`there is no iommufd of "${text}" (abi: ${names.join(', ')})${didYouMean(text, names)}`);
}

/** A switch as people write it. Throws an Error that says what would do. */
export function readThp(text: string): boolean {
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  throw new Error(`thp is true or false (1 or 0), not "${text}"`);
}
