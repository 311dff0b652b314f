/**
 * Which iommufd is emulated. One row each; a difference between kernels is a column, never an `if`.
 * Source: drivers/iommu/iommufd/main.c, iommufd_fops_ioctl(), iommufd_destroy(), iommufd_fops_release(), of each
 * kernel; measured on three of them (test/oracle-iommufd).
 */
import type { ErrnoName } from './errno.ts';

export type IommufdAbiName = 'iommufd-rfc' | 'iommufd-v3' | 'linux-6.12';

export interface IommufdAbi {
  readonly name: IommufdAbiName;
  /** What it is, for help texts. */
  readonly title: string;
  /** The answer to a size word below the structure's minimum. */
  readonly tooSmall: ErrnoName;
  /** How release() empties the object table: v3 and later by passes over the ids, RFC by the order of the types. */
  readonly release: 'passes' | 'by-type';
  /** DESTROY of an object that an ioctl is using: waits for it (destroy_rwsem), or is EBUSY at once. */
  readonly destroyWaits: boolean;
  /** Largest object id: xa_limit_32b, xa_limit_31b. */
  readonly maxId: number;
  /** True: IO address spaces, and VFIO type1 for numbers outside the table. False: the core, IOMMU_DESTROY alone. */
  readonly ioas: boolean;
}

export const IOMMUFD_PROFILES: readonly IommufdAbi[] = [
  {
    name: 'iommufd-rfc',
    title: 'the core of the first posting of iommufd: objects only',
    tooSmall: 'EOPNOTSUPP',
    release: 'by-type',
    destroyWaits: true,
    maxId: 0xffffffff,
    ioas: false,
  },
  {
    name: 'iommufd-v3',
    title: 'the core of the v3 series: objects only',
    tooSmall: 'EOPNOTSUPP',
    release: 'passes',
    destroyWaits: true,
    maxId: 0xffffffff,
    ioas: false,
  },
  {
    name: 'linux-6.12',
    title: 'Linux 6.12, with IO address spaces and VFIO type1 compatibility',
    tooSmall: 'EINVAL',
    release: 'passes',
    destroyWaits: false,
    maxId: 0x7fffffff,
    ioas: true,
  },
];

export const DEFAULT_IOMMUFD_ABI: IommufdAbiName = 'linux-6.12';

/** The profile of that name; undefined when there is none. */
export function iommufdAbi(name: string): IommufdAbi | undefined {
  return IOMMUFD_PROFILES.find((profile) => profile.name === name);
}
