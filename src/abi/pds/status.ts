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
  /** Why, for people; what a real operation has it for is its own. */
  readonly text: string;
}

export const STATUSES: readonly StatusRow[] = [
  { status: 1, name: 'EVERSION', errno: 'EINVAL', text: 'the firmware does not know this version of the command' },
  { status: 2, name: 'EOPCODE', errno: 'EIO', text: 'the firmware does not know this command' },
  { status: 3, name: 'EIO', errno: 'EIO', text: 'the command failed inside of the device' },
  { status: 4, name: 'EPERM', errno: 'EPERM', text: 'the command is not allowed' },
  { status: 5, name: 'EQID', errno: 'EINVAL', text: 'the number of the queue is wrong' },
  { status: 6, name: 'EQTYPE', errno: 'EINVAL', text: 'the type of the queue is wrong' },
  { status: 7, name: 'ENOENT', errno: 'ENOENT', text: 'what the command names is not there' },
  { status: 8, name: 'EINTR', errno: 'EIO', text: 'the command was interrupted' },
  { status: 9, name: 'EAGAIN', errno: 'EAGAIN', text: 'the firmware cannot do it now' },
  { status: 10, name: 'ENOMEM', errno: 'ENOMEM', text: 'the firmware has no memory left' },
  { status: 11, name: 'EFAULT', errno: 'EFAULT', text: 'an address cannot be used' },
  { status: 12, name: 'EBUSY', errno: 'EBUSY', text: 'what the command needs is in use' },
  { status: 13, name: 'EEXIST', errno: 'EEXIST', text: 'what is to be made is there already' },
  { status: 14, name: 'EINVAL', errno: 'EINVAL', text: 'a value of the command is wrong' },
  { status: 15, name: 'ENOSPC', errno: 'ENOSPC', text: 'there is no room left' },
  { status: 16, name: 'ERANGE', errno: 'ERANGE', text: 'a value is out of its range' },
  { status: 17, name: 'BAD_ADDR', errno: 'EFAULT', text: 'a descriptor has a bad address' },
  { status: 18, name: 'DEV_CMD', errno: 'EIO', text: 'the admin queue took what is a device command' },
  { status: 19, name: 'ENOSUPP', errno: 'EINVAL', text: 'the firmware does not support it' },
  { status: 29, name: 'ERROR', errno: 'EIO', text: 'an error without a name' },
  { status: 30, name: 'ERDMA', errno: 'EIO', text: 'the RDMA part has failed' },
  { status: 31, name: 'EVFID', errno: 'ENODEV', text: 'the virtual function is not there' },
  { status: 32, name: 'BAD_FW', errno: 'EIO', text: 'the firmware is none that can run' },
  { status: 33, name: 'ECLIENT', errno: 'ECHILD', text: 'the client of pds_core is not registered' },
  { status: 255, name: 'BAD_PCI', errno: 'ENXIO', text: 'the device cannot be reached over PCI' },
];
