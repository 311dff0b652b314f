/** The address space that the VFIO type1 calls mean: get_compat_ioas() of drivers/iommu/iommufd/vfio_compat.c. */
import { Errno } from '../kernel/errno.ts';
import type { IommufdContext } from './context.ts';
import type { Ioas } from './ioas.ts';

export const NO_VFIO_IOAS = new Errno(
  'ENODEV',
  'no address space is chosen for the VFIO calls',
  'choose one with IOMMU_VFIO_IOAS, operation SET',
);

/** Throws ENODEV. */
export function vfioIoasOf(context: IommufdContext): Ioas {
  if (context.vfioIoas === undefined) throw NO_VFIO_IOAS;
  return context.vfioIoas;
}
