/**
 * Where the emulator differs from the kernel because the kernel's own FUSE and CUSE leave no choice: one row each, with
 * the exact records of fwx, drvx and calls that are allowed. docs/vfs-differences.md is made of these rows; any other
 * difference is a failure.
 */
import { CALL_DIFFERENCES } from './calls-differences.ts';
import { cuseUevents } from './cuse-uevents.ts';
import {
  answers,
  BOTH,
  CUSE,
  calls,
  changed,
  type DifferenceRow,
  either,
  extra,
  FUSE,
  fact,
  generic,
  missing,
} from './difference-row.ts';
import { holdsOn } from './linux-range.ts';
import { NOTIFY_DIFFERENCES, SECCOMP } from './notify-differences.ts';
import { retrySecondBuffer, retryTooLong } from './retry-differences.ts';
import type { OracleTransport } from './transport.ts';

const REGULAR = 'a file of a FUSE mount is a regular file, and the VFS answers by itself';
const DIRECT = 'fuse_direct_io() of fs/fuse/file.c looks at length and buffer before it asks the server';

export const DIFFERENCES: readonly DifferenceRow[] = [
  {
    transports: BOTH,
    call: 'read, write of 0 bytes',
    kernel: 'EINVAL',
    ours: '0',
    why: DIRECT,
    allowed: either(
      answers('vfs', ['read(0)', 'write(0)'], 'OK'),
      calls('transfer', /^(readv|writev) none$/, 0),
      calls('uring', /^READ of 0 bytes/, 0),
    ),
  },
  {
    transports: BOTH,
    call: 'read into memory that cannot be written, write from memory that cannot be read',
    kernel: 'EINVAL',
    ours: 'EFAULT',
    why: DIRECT,
    allowed: either(
      answers('vfs', ['read(NULL,16)', 'read(kernel ptr,16)'], 'EFAULT'),
      calls('transfer', /^write (kernel pointer|NULL)$/, 'EFAULT'),
    ),
  },
  {
    transports: BOTH,
    call: 'epoll_ctl(2), io_uring EPOLL_CTL',
    kernel: 'EPERM',
    ours: '0, always ready',
    why: 'every FUSE and CUSE file has a poll operation',
    allowed: either(
      answers('vfs', ['epoll_ctl ADD'], 'OK'),
      calls('transfer', /^epoll_ctl (ADD|MOD|DEL)( exclusive)?$/, 0),
      calls('transfer', /^epoll_wait$/, 1),
      calls('uring', /^EPOLL_CTL$/, 0),
      calls('uring', /^EPOLL_CTL, IOSQE_ASYNC$/, 'EEXIST'),
    ),
  },
  {
    transports: FUSE,
    call: 'pread, pwrite, preadv, pwritev, sendfile from it at an offset',
    kernel: 'EINVAL (EBADF by the mode of the descriptor)',
    ours: 'ESPIPE',
    why: 'FOPEN_NONSEEKABLE, which makes lseek ESPIPE as it should be, takes these away too (nonseekable_open())',
    allowed: either(
      answers('vfs', ['pread(16,0)', 'pwrite(16,0)'], 'ESPIPE'),
      calls('transfer', /^p(read|write)(v|v2 at 0, .*| at 2\^62| of (?!O_PATH).*)?$/, 'ESPIPE'),
      calls('transfer', /^sendfile from, at an offset$/, 'ESPIPE'),
    ),
  },
  {
    transports: CUSE,
    call: 'lseek (SET, CUR, END, DATA)',
    kernel: 'ESPIPE',
    ours: '0',
    why: 'cuse.ko has noop_llseek() for every device',
    allowed: either(
      answers('vfs', ['lseek(0,SET)', 'lseek(0,CUR)', 'lseek(0,END)', 'lseek(0,DATA)'], 'OK'),
      fact('lseek', 'OK'),
    ),
  },
  {
    transports: FUSE,
    call: 'mmap(MAP_PRIVATE)',
    kernel: 'ENODEV',
    ours: 'a mapping; touching it is SIGBUS (EFAULT, ENOMEM to a system call); EINVAL with MAP_GROWSDOWN',
    why: REGULAR,
    allowed: either(
      answers(
        'vfs',
        [0, 1, 2, 3, 4, 5, 6, 7].map((prot) => `mmap(prot=${prot},PRIVATE)`),
        'OK',
      ),
      calls('mappings', /^mmap prot \d PRIVATE(\|POPULATE|\|LOCKED|\|NORESERVE|\|32BIT)?$/, 0),
      calls('mappings', /^mmap prot \d PRIVATE\|GROWSDOWN$/, 'EINVAL'),
      calls('mappings', /^(mmap (at 2\^40|of 2\^30)|a mapping)$/, 0),
      calls('mappings', /^(reading|writing|running) it$/, { told: 'BUS' }),
      calls('mappings', /^(write\(2\) from it|madvise POPULATE_READ)$/, 'EFAULT'),
      calls('mappings', /^mlock$/, 'ENOMEM'),
      calls('mappings', /^madvise (DONTNEED|REMOVE)$/, 'EINVAL'),
      calls('mappings', /^(msync|madvise WILLNEED|mincore|mprotect|mremap)$/, 0),
    ),
  },
  {
    transports: FUSE,
    call: 'sync_file_range / readahead / finit_module, where there are modules',
    kernel: 'ESPIPE / EINVAL / EINVAL',
    ours: '0 / 0 / ETXTBSY, as it is open for writing',
    why: REGULAR,
    allowed: either(
      answers('vfs', ['sync_file_range', 'readahead'], 'OK'),
      calls('transfer', /^(sync_file_range|readahead)$/, 0),
      calls('uring', /^SYNC_FILE_RANGE/, 0),
      (key, want) => (key === 'calls-names/init_module' && want?.err === 'EINVAL' ? [{ ...want, err: 'ETXTBSY' }] : []),
    ),
  },
  {
    transports: FUSE,
    call: 'fcntl(F_SETFL, O_DIRECT)',
    kernel: 'EINVAL',
    ours: '0 (open with O_DIRECT is EINVAL, as it should be)',
    why: REGULAR,
    allowed: either(answers('vfs', ['fcntl SETFL O_DIRECT'], 'OK'), calls('names', /^F_SETFL O_DIRECT$/, 0)),
  },
  {
    transports: FUSE,
    call: 'fcntl(F_SETLEASE)',
    kernel: 'EINVAL',
    ours: 'EAGAIN; 0 for the only open file, whose lease another open breaks',
    why: REGULAR,
    allowed: either(
      answers('vfs', ['fcntl SETLEASE RD'], 'EAGAIN'),
      calls('locks', /^F_SETLEASE (read|write|none)$/, 'EAGAIN'),
      calls('locks', /^F_SETLEASE (read|write), open once$/, 0),
    ),
  },
  {
    transports: FUSE,
    linux: { from: '6.5' },
    call: 'splice, sendfile from it into a pipe, io_uring SPLICE',
    kernel: 'EINVAL',
    ours: '0 (end of file)',
    why: `${REGULAR}: filemap_splice_read() looks at the size; before, generic_file_splice_read() asked the server`,
    allowed: either(
      answers('vfs', ['splice from', 'sendfile from'], 'OK'),
      calls('transfer', /^(splice from|sendfile from, to a pipe)$/, 0),
      calls('uring', /^SPLICE from/, 0),
    ),
  },
  {
    transports: BOTH,
    linux: { before: '5.14' },
    call: '/proc/PID/fdinfo/FD',
    kernel: 'has a line `ino:`',
    ours: 'has none',
    why: "it is the machine's own, and fwctl's kernels are newer",
    allowed: (key, want) =>
      key === 'vfs/fdinfo' && want ? [{ ...want, v: String(want.v).replace('ino:\n', '') }] : [],
  },
  {
    transports: FUSE,
    call: 'copy_file_range to an O_RDONLY descriptor / to itself / from a file elsewhere',
    kernel: 'EINVAL',
    ours: 'EBADF / 0 / EXDEV',
    why: `${REGULAR}: the type of file is looked at before its mode`,
    allowed: either(
      answers('vfs', ['copy_file_range'], 'EBADF'),
      calls('transfer', /^copy_file_range to O_RDONLY$/, 'EBADF'),
      calls('transfer', /^copy_file_range from, to itself$/, 0),
      calls('transfer', /^copy_file_range to$/, 'EXDEV'),
    ),
  },
  {
    transports: FUSE,
    call: 'link, unlink, rename, mknod, mkdir, symlink / open with O_CREAT / O_TMPFILE in /dev/fwctl',
    kernel: 'done (devtmpfs lets root)',
    ours: 'EPERM / EACCES / EOPNOTSUPP',
    why: 'the directory shows the devices that there are, and nothing else',
    allowed: either(
      answers('vfs', ['linkat (hard link beside)'], 'EPERM'),
      calls('names', /^linkat (\/proc\/self\/fd|AT_EMPTY_PATH)$/, 'EPERM'),
      calls('directories', /^(mkdir|mknod of a device|mkfifo|symlink|link|rename)$/, 'EPERM'),
      calls('directories', /^create a file$/, 'EACCES'),
      calls('directories', /^O_TMPFILE$/, 'EOPNOTSUPP'),
      calls('directories', /^(unlink a file|rmdir)$/, 'ENOENT'),
    ),
  },
  {
    transports: FUSE,
    call: 'stat, lstat, fstat: type and st_rdev; getdents: d_type',
    kernel: 'character device, 252:N',
    ours: 'regular file, 0:0; /sys/dev/char/0:0 leads each thread to the device that it opened or asked about last (statx with AT_STATX_DONT_SYNC does not ask); one that has not, to that of another thread of its process, or to the one under its highest descriptor',
    why: 'open(2) of a character device never asks a FUSE server',
    allowed: either(
      changed('vfs/stat fields', { mode: '0100600' }),
      calls('attributes', /^type$/, { told: '100000' }),
      calls('attributes', /^st_rdev$/, { told: '0:0' }),
      (key, want) =>
        key === 'calls-directories/entry' && want?.v === 'fwctl0 type 2' ? [{ ...want, v: 'fwctl0 type 8' }] : [],
      changed('vfs/mode after fchmod', { mode: '0100640' }),
      missing(/^sysfs\/\/sys\/dev\/char\/252:0$/),
      extra('sysfs//sys/dev/char/0:0', {
        ...{ path: '/sys/dev/char/0:0', type: 'link', mode: '0777' },
        to: '../../devices/pci0000:00/0000:00:0a.0/fwctl/fwctl0',
      }),
      (key, want) => {
        if (!/^sysfs\/\/dev\/fwctl\/fwctl\d$/.test(key) || !want) return [];
        const { path, mode } = want;
        return [{ path, type: 'file', mode, size: 0, read: 'EINVAL' }];
      },
    ),
  },
  {
    transports: FUSE,
    call: 'fstatfs: f_type',
    kernel: '0x1021994 (tmpfs)',
    ours: '0x65735546 (FUSE)',
    why: 'the file system is what it is',
    allowed: changed('vfs/statfs fields', { type: '0x65735546' }),
  },
  {
    transports: FUSE,
    call: 'ioctl FIONREAD, FIOQSIZE, FIBMAP',
    kernel: 'ENOTTY',
    ours: '0 (EFAULT if the answer cannot be written)',
    why: 'file_ioctl() of fs/ioctl.c answers these for regular files',
    allowed: either(
      generic('FIOQSIZE', 'OK'),
      generic('FIONREAD', 'OK'),
      generic('FIBMAP', 'OK'),
      calls('ioctls', /^(FIOQSIZE|FIONREAD|FIBMAP)$/, 0),
      calls('ioctls', /^(FIOQSIZE|FIONREAD|FIBMAP)\(NULL\)$/, 'EFAULT'),
      changed('ioctlnr/io_summary summary', { enotty: 65527 }),
      ...['0x00000001', '0x0000541b', '0x00005460'].map((cmd) =>
        extra(`ioctlnr/io ${cmd}`, { t: 'io', cmd, ret: 0, err: 'OK' }),
      ),
    ),
  },
  {
    transports: FUSE,
    call: 'ioctl FIDEDUPERANGE, FICLONE / FS_IOC_RESVSP, UNRESVSP, ZERO_RANGE',
    kernel: 'EINVAL / ENOTTY',
    ours: 'EOPNOTSUPP / EINVAL (EFAULT if the argument cannot be read)',
    why: 'file_ioctl() of fs/ioctl.c answers these for regular files',
    allowed: either(
      generic('FIDEDUPERANGE', 'EOPNOTSUPP'),
      generic('FS_IOC_RESVSP', 'EINVAL'),
      calls('ioctls', /^(FIDEDUPERANGE|FICLONE of itself)$/, 'EOPNOTSUPP'),
      calls('ioctls', /^FS_IOC_(UN)?RESVSP(64)?$|^FS_IOC_ZERO_RANGE$/, 'EINVAL'),
      calls('ioctls', /^FS_IOC_((UN)?RESVSP(64)?|ZERO_RANGE)\(NULL\)$/, 'EFAULT'),
    ),
  },
  {
    transports: FUSE,
    call: 'ioctl FS_IOC_GETFSUUID',
    kernel: '0',
    ours: 'ENOTTY',
    why: 'it asks the file system, not the device, and FUSE has no uuid',
    allowed: generic('FS_IOC_GETFSUUID', 'ENOTTY'),
  },
  {
    transports: FUSE,
    linux: { from: '6.9' },
    call: 'ioctl FS_IOC_GETFSUUID, beside a tmpfs of the same kernel',
    kernel: '0',
    ours: 'ENOTTY',
    why: 'it asks the file system, not the device, and FUSE has no uuid',
    allowed: calls('ioctls', /^FS_IOC_GETFSUUID(\(NULL\))?$/, 'ENOTTY'),
  },
  {
    transports: CUSE,
    linux: { before: '6.9' },
    call: 'ioctl FS_IOC_GETFSUUID',
    kernel: '0',
    ours: 'ENOTTY',
    why: "it asks the file system of /dev, and what it asks came with Linux 6.9, later than the machine's own",
    allowed: generic('FS_IOC_GETFSUUID', 'ENOTTY'),
  },
  {
    transports: [...FUSE, ...SECCOMP],
    call: 'uevents of plug and unplug (netlink)',
    kernel: 'add, remove of fwctl/fwctlN and the auxiliary device, bind, unbind',
    ours: 'none',
    why: 'a network namespace has one uevent socket: what is sent shows outside the view, and the machine would act on it',
    allowed: missing(/^plug\/uevent /),
  },
  {
    transports: CUSE,
    call: 'uevents of plug and unplug (netlink)',
    kernel: 'add, remove of fwctl/fwctlN and the auxiliary device, bind, unbind',
    ours: 'add, remove of SUBSYSTEM=cuse with the same MAJOR, MINOR and DEVNAME; remove once the last open file is closed',
    why: 'the device is one of the class cuse; a number stays taken as long as a file of it is open',
    allowed: cuseUevents,
  },
  {
    transports: CUSE,
    call: 'open of a new node made with the number of an unplugged device, while files of it are open',
    kernel: 'ENXIO',
    ours: 'ENODEV',
    why: 'the CUSE device lives until those are closed, or their ioctls could not be answered',
    allowed: fact('open a new node with the old device number', 'ENODEV'),
  },
  {
    transports: [...BOTH, ...SECCOMP],
    call: 'syslog(2), klogctl(3), dmesg -S',
    kernel: "the taint's warning",
    ours: "the machine's own log (/dev/kmsg of the view has the warning, as the kernel's has)",
    why: 'a system call without a file cannot be served',
    allowed: either(missing(/^taint\/[^/]+\/dmesg$/), changed(/^taint\/[^/]+\/dmesg_lines$/, { dmesg_lines: 0 })),
  },
  {
    transports: [...BOTH, ...SECCOMP],
    call: 'sysfs of the PCI function: config, numa_node',
    kernel:
      'command register 0 (the recorder had no PCI driver that enables its function); no numa_node (built without NUMA)',
    ours: 'command register 0x0546; numa_node -1',
    why: 'what a bound mlx5_core shows on a distribution kernel',
    allowed: either(
      changed('sysfs//sys/devices/pci0000:00/0000:00:0a.0/config', { text: '³\u0015\u001b\u0010F\u0005' }),
      extra('sysfs//sys/devices/pci0000:00/0000:00:0a.0/numa_node', {
        path: '/sys/devices/pci0000:00/0000:00:0a.0/numa_node',
        type: 'file',
        mode: '0644',
        size: 4096,
        text: '-1\n',
      }),
    ),
  },
  {
    transports: ['retry'],
    call: 'FWCTL_RPC, FWCTL_INFO that write more than 131040 bytes, of a caller whose memory cannot be reached by thread id (two buffers of bnxt with 65535 bytes each)',
    kernel: 'done',
    ours: 'ENOMEM, nothing written (the RPC has been executed)',
    why: "CUSE's ioctl retry carries 32 pages of data at most (FUSE_DEFAULT_MAX_PAGES_PER_REQ), the structure included",
    allowed: retryTooLong,
  },
  {
    transports: ['retry'],
    call: 'bnxt request with two buffers from the device (PORT_QSTATS), the first not writable, of a caller whose memory cannot be reached by thread id',
    kernel: 'EFAULT, the second buffer written',
    ours: 'EFAULT, the second buffer not written',
    why: 'the kernel writes what an ioctl by retry answers in order, and ends at the first fault',
    allowed: retrySecondBuffer,
  },
  ...CALL_DIFFERENCES,
  ...NOTIFY_DIFFERENCES,
];

/** What may differ over `transport` on a machine whose kernel is `release`. */
export function rowsOf(transport: OracleTransport, release: string): readonly DifferenceRow[] {
  return DIFFERENCES.filter(({ transports, linux = {} }) => transports.includes(transport) && holdsOn(linux, release));
}
