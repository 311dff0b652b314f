/** Refusals that several commands share. */
import { Errno } from '../kernel/errno.ts';

export const RESERVED_NOT_ZERO = new Errno('EOPNOTSUPP', 'a reserved member is not zero', 'zero the structure first');
export const UNKNOWN_FLAGS = new Errno('EOPNOTSUPP', 'flags has a bit that this kernel does not know', 'clear it');
export const ALL_ONES = new Errno(
  'EOVERFLOW',
  'an iova or a length is 2^64 - 1, which is never a valid one',
  'check how it was computed',
);
export const NO_ACCESS = new Errno(
  'EINVAL',
  'neither IOMMU_IOAS_MAP_READABLE nor IOMMU_IOAS_MAP_WRITEABLE is set',
  'set at least one',
);
