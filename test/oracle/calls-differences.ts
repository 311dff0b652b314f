/**
 * What fwx does not ask and calls does: the rows of those calls; differences.ts has the calls of both. What is right
 * is what a device with open and ioctl alone says on the same kernel.
 */
import { BOTH, calls, type DifferenceRow, either, FUSE } from './difference-row.ts';

const REGULAR = 'a file of a FUSE mount is a regular file, and the VFS answers by itself';

export const CALL_DIFFERENCES: readonly DifferenceRow[] = [
  {
    transports: FUSE,
    call: 'ioctl of an unknown number with _IOC_WRITE and a size, whose argument cannot be read',
    kernel: 'ENOTTY',
    ours: 'EFAULT',
    why: 'fuse_ioctl() of fs/fuse/ioctl.c copies what the number says before it asks the server',
    allowed: either(
      calls('ioctls', /^_IOWR?\(size [1-9]\d*\) of (NULL|kernel|2 bytes before the end)$/, 'EFAULT'),
      calls('ioctls', /^(FITRIM|FS_IOC_SET\w+|FS_IOC_ENABLE_VERITY|PAGEMAP_SCAN)\(NULL\)$/, 'EFAULT'),
    ),
  },
  {
    transports: BOTH,
    call: 'preadv2, pwritev2 with RWF_NOWAIT, RWF_ATOMIC, RWF_DONTCACHE or an unknown flag',
    kernel: 'EINVAL',
    ours: 'EOPNOTSUPP',
    why: 'kiocb_set_rw_flags() of include/linux/fs.h looks at the flags of a file that has a read_iter',
    allowed: calls('transfer', /^p(read|write)v2 at (-1|0), flags /, 'EOPNOTSUPP'),
  },
  {
    transports: FUSE,
    call: 'io_uring READ, READV, READ_FIXED',
    kernel: 'EINVAL',
    ours: '0 (end of file)',
    why: 'fuse_direct_IO() of fs/fuse/file.c: an asynchronous read at or behind the size, which is 0, asks no server',
    allowed: calls('uring', /^READ(V|_FIXED| at 0| of a fixed file)?(, IOSQE_ASYNC)?$/, 0),
  },
  {
    transports: FUSE,
    call: 'io_uring READ_MULTISHOT without a buffer',
    kernel: 'EBADFD',
    ours: 'ENOBUFS',
    why: 'every FUSE and CUSE file has a poll operation',
    allowed: calls('uring', /^READ_MULTISHOT/, 'ENOBUFS'),
  },
  {
    transports: BOTH,
    call: 'io_uring POLL_ADD for what a file never has (POLLPRI)',
    kernel: 'EINVAL',
    ours: 'waits',
    why: 'every FUSE and CUSE file has a poll operation',
    allowed: calls('uring', /^POLL_ADD POLLPRI/, 'ETIME'),
  },
  {
    transports: FUSE,
    call: 'io_submit(2): reads / writes, syncs',
    kernel: 'EINVAL at once',
    ours: 'taken; the event says 0 / EINVAL',
    why: 'as io_uring READ / the file has the operation, and the server refuses',
    allowed: either(
      calls('transfer', /^io_submit (PREADV?|PWRITEV?|FD?SYNC)$/, 1),
      calls('transfer', /^io_getevents PREADV?$/, { told: '0' }),
      calls('transfer', /^io_getevents (PWRITEV?|FD?SYNC)$/, { told: '-22' }),
    ),
  },
  {
    transports: ['cuse', 'retry'],
    call: 'io_submit(2): reads, writes',
    kernel: 'EINVAL at once',
    ours: 'taken; the event says EINVAL',
    why: 'the file has the operation, and the server refuses',
    allowed: either(
      calls('transfer', /^io_submit P(READ|WRITE)V?$/, 1),
      calls('transfer', /^io_getevents P(READ|WRITE)V?$/, { told: '-22' }),
    ),
  },
  {
    transports: FUSE,
    call: 'fallocate with FALLOC_FL_COLLAPSE_RANGE, INSERT_RANGE, UNSHARE_RANGE, WRITE_ZEROES',
    kernel: 'ENODEV',
    ours: 'EOPNOTSUPP',
    why: 'fuse_file_fallocate() of fs/fuse/file.c looks at the mode before it asks the server',
    allowed: calls('transfer', /^fallocate mode 0x(8|20|40|80)$/, 'EOPNOTSUPP'),
  },
  {
    transports: FUSE,
    call: 'openat2 with RESOLVE_CACHED',
    kernel: 'done',
    ours: 'EAGAIN',
    why: 'names are not kept by the kernel, so that an unplugged device is gone at once',
    allowed: calls('names', /^openat2 RESOLVE_CACHED$/, 'EAGAIN'),
  },
  {
    transports: FUSE,
    call: 'fanotify: FAN_OPEN, FAN_CLOSE of the node',
    kernel: 'none (no device has any)',
    ours: 'told',
    why: REGULAR,
    allowed: either(calls('watchers', /^fanotify$/, { told: ' 38' }), calls('watchers', /^fanotify: read$/, undefined)),
  },
  {
    transports: FUSE,
    call: 'fanotify_mark(FAN_MARK_FILESYSTEM) with FAN_REPORT_FID',
    kernel: 'done',
    ours: 'ENODEV',
    why: 'a FUSE file system has no id',
    allowed: either(
      calls('watchers', /^fanotify FID, file system: mark$/, 'ENODEV'),
      calls('watchers', /^fanotify FID, file system: read$/, 'EAGAIN'),
      calls('watchers', /^fanotify FID, file system$/, { told: '' }),
    ),
  },
  {
    transports: FUSE,
    call: 'truncate by who may not write',
    kernel: 'EINVAL',
    ours: 'EACCES',
    why: `${REGULAR}: vfs_truncate() of fs/open.c looks at the type before the permission`,
    allowed: calls('attributes', /: truncate$/, 'EACCES'),
  },
  {
    transports: FUSE,
    call: 'getxattr / setxattr, removexattr of user. by who may not read / write',
    kernel: 'ENODATA / EPERM',
    ours: 'EACCES',
    why: `${REGULAR}: xattr_permission() of fs/xattr.c looks at the type before the permission`,
    allowed: calls('xattrs', /^0\d+, 65534: .* user\./, 'EACCES'),
  },
  {
    transports: FUSE,
    call: 'lseek of the directory: SEEK_END / SEEK_DATA, SEEK_HOLE',
    kernel: 'EINVAL',
    ours: '0 / ENXIO',
    why: 'generic_file_llseek() of fs/read_write.c, with size 0',
    allowed: either(calls('directories', /^lseek END$/, 0), calls('directories', /^lseek (DATA|HOLE)$/, 'ENXIO')),
  },
  {
    transports: FUSE,
    call: 'an access control list of the directory',
    kernel: 'kept',
    ours: 'EOPNOTSUPP (those of nodes are kept and obeyed)',
    why: 'nothing is made there that could inherit one',
    allowed: calls('directories', /^(acl|default acl) of the directory$/, 'EOPNOTSUPP'),
  },
  {
    transports: FUSE,
    call: 'rmdir of the directory',
    kernel: 'ENOTEMPTY',
    ours: 'EBUSY',
    why: 'it is a mount point',
    allowed: calls('directories', /^rmdir of the directory$/, 'EBUSY'),
  },
  {
    transports: FUSE,
    call: 'ioctl, fstat, fchmod, ftruncate, opening again, of a descriptor sent out of a view without root, by a process outside / read, write, fsync, xattrs of it',
    kernel: 'as to anybody',
    ours: 'EACCES / as to anybody, or EOVERFLOW to a user whom the view does not know',
    why: "fuse_allow_current_process() of fs/fuse/dir.c: the mount is its user namespace's alone",
    // two processes, one outside: test/unit/view/passed-out.test.ts
    allowed: () => [],
  },
];
