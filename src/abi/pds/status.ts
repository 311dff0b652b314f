/**
 * Status of a completion: enum pds_core_status_code of include/linux/pds/pds_core_if.h, and what pdsc_err_to_errno() of
 * drivers/net/ethernet/amd/pds_core/dev.c makes of it: run and recorded, but for 32 and 33. A status without a row is
 * EIO.
 */
import type { ErrnoName } from '../errno.ts';

export interface StatusRow {
  /** 8 bits. */
  readonly status: number;
  /** Without PDS_RC_. */
  readonly name: string;
  readonly errno: ErrnoName;
}

export const STATUSES: readonly StatusRow[] = [
  { status: 1, name: 'EVERSION', errno: 'EINVAL' },
  { status: 2, name: 'EOPCODE', errno: 'EIO' },
  { status: 3, name: 'EIO', errno: 'EIO' },
  { status: 4, name: 'EPERM', errno: 'EPERM' },
  { status: 5, name: 'EQID', errno: 'EINVAL' },
  { status: 6, name: 'EQTYPE', errno: 'EINVAL' },
  { status: 7, name: 'ENOENT', errno: 'ENOENT' },
  { status: 8, name: 'EINTR', errno: 'EIO' },
  { status: 9, name: 'EAGAIN', errno: 'EAGAIN' },
  { status: 10, name: 'ENOMEM', errno: 'ENOMEM' },
  { status: 11, name: 'EFAULT', errno: 'EFAULT' },
  { status: 12, name: 'EBUSY', errno: 'EBUSY' },
  { status: 13, name: 'EEXIST', errno: 'EEXIST' },
  { status: 14, name: 'EINVAL', errno: 'EINVAL' },
  { status: 15, name: 'ENOSPC', errno: 'ENOSPC' },
  { status: 16, name: 'ERANGE', errno: 'ERANGE' },
  { status: 17, name: 'BAD_ADDR', errno: 'EFAULT' },
  { status: 18, name: 'DEV_CMD', errno: 'EIO' },
  { status: 19, name: 'ENOSUPP', errno: 'EINVAL' },
  { status: 29, name: 'ERROR', errno: 'EIO' },
  { status: 30, name: 'ERDMA', errno: 'EIO' },
  { status: 31, name: 'EVFID', errno: 'ENODEV' },
  { status: 32, name: 'BAD_FW', errno: 'EIO' },
  { status: 33, name: 'ECLIENT', errno: 'ECHILD' },
  { status: 255, name: 'BAD_PCI', errno: 'ENXIO' },
];
