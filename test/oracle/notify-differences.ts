/**
 * Where a device by seccomp user notification differs: what a caller has is a listening socket, and what is not trapped
 * its own kernel answers.
 */
import type { GoldenRecord } from '../conformance/golden.ts';
import { answers, changed, type DifferenceRow, either, extra, fact, generic, missing } from './difference-row.ts';
import type { OracleTransport } from './transport.ts';

export const SECCOMP: readonly OracleTransport[] = ['seccomp', 'seccomp-paths'];
const MOUNTS: readonly OracleTransport[] = ['seccomp'];
const PATHS: readonly OracleTransport[] = ['seccomp-paths'];

const SOCKET = 'the descriptor is a listening socket, and read, write, poll, locks and mmap are never trapped';
const UNTRAPPED = 'the call is not trapped, and the machine has no such file';
const PLAIN = 'without FUSE sysfs is plain files, mounted read-only';

const EXECUTABLE = [4, 5, 6, 7].flatMap((prot) => [`mmap(prot=${prot},SHARED)`, `mmap(prot=${prot},PRIVATE)`]);

/** What a plain file says in place of an attribute: its own size, and nothing where reading fails. */
function plainAttribute(key: string, want: GoldenRecord | undefined): GoldenRecord[] {
  if (!key.startsWith('sysfs//sys/') || want?.type !== 'file') return [];
  const { read: _, ...rest } = want;
  const text = String(want.text ?? '');
  // names of the machine's own processors are longer or shorter than the recorder's
  const sizes = /local_cpu(s|list)$/.test(key) ? Array.from({ length: 64 }, (_, i) => i) : [Buffer.byteLength(text)];
  return sizes.map((size) => ({ ...rest, size, text }));
}

/** An attribute that cannot be read is empty. */
function emptyAttribute(key: string, want: GoldenRecord | undefined): GoldenRecord[] {
  if (!key.startsWith('sysfs//sys/') || want?.read !== 'EIO') return [];
  const { read: _, ...rest } = want;
  return [{ ...rest, text: '' }];
}

function placeholder(key: string, want: GoldenRecord | undefined): GoldenRecord[] {
  if (!key.startsWith('sysfs//dev/fwctl/') || want?.type !== 'chr') return [];
  return [{ path: want.path, type: 'file', mode: want.mode, size: 0, text: '' } as GoldenRecord];
}

export const NOTIFY_DIFFERENCES: readonly DifferenceRow[] = [
  {
    transports: SECCOMP,
    call: 'read of 0 bytes / into memory that cannot be written',
    kernel: 'EINVAL',
    ours: '0 / EFAULT',
    why: SOCKET,
    allowed: either(answers('vfs', ['read(0)'], 'OK'), answers('vfs', ['read(kernel ptr,16)'], 'EFAULT')),
  },
  {
    transports: SECCOMP,
    call: 'write, writev, splice to it',
    kernel: 'EINVAL',
    ours: 'ENOTCONN',
    why: SOCKET,
    allowed: either(
      answers('vfs', ['write(16)', 'write(0)', 'writev', 'splice to'], 'ENOTCONN'),
      fact('write', 'ENOTCONN'),
    ),
  },
  {
    transports: SECCOMP,
    call: 'pread, pwrite',
    kernel: 'EINVAL',
    ours: 'ESPIPE',
    why: SOCKET,
    allowed: answers('vfs', ['pread(16,0)', 'pwrite(16,0)'], 'ESPIPE'),
  },
  {
    transports: SECCOMP,
    call: 'read of a descriptor that is open for writing alone, mmap of one; fcntl(F_GETFL)',
    kernel: 'EBADF, EACCES; O_WRONLY',
    ours: 'EINVAL, ENODEV; O_RDWR',
    why: SOCKET,
    allowed: either(
      answers('vfs', ['read on O_WRONLY', 'read on O_ACCMODE(3)'], 'EINVAL'),
      answers('vfs', ['mmap(READ,SHARED) on O_WRONLY'], 'ENODEV'),
    ),
  },
  {
    transports: MOUNTS,
    call: 'fcntl(F_GETFL) of a descriptor that is open for writing alone',
    kernel: 'O_WRONLY',
    ours: 'O_RDWR',
    why: SOCKET,
    allowed: changed('vfs/fcntl GETFL', { wo: '02' }),
  },
  {
    transports: PATHS,
    call: 'fcntl(F_GETFL) of a descriptor for reading alone, for writing alone, with O_PATH',
    kernel: 'O_RDONLY, O_WRONLY, O_PATH',
    ours: 'O_RDWR, O_RDWR, O_RDONLY',
    why: 'the first two are sockets; a descriptor with O_PATH cannot be given to a caller, who gets an empty file',
    allowed: changed('vfs/fcntl GETFL', { ro: '02', wo: '02', path: '00' }),
  },
  {
    transports: PATHS,
    call: 'read, lseek of a descriptor with O_PATH; ioctl of an unknown type',
    kernel: 'EBADF',
    ours: '0; ENOTTY',
    why: 'a descriptor with O_PATH cannot be given to a caller, who gets an empty file',
    allowed: either(answers('vfs', ['read on O_PATH', 'lseek on O_PATH'], 'OK'), (key, want) =>
      /^order\//.test(key) && /badtype.*opath/.test(String(want?.case)) ? [{ ...want, err: 'ENOTTY' }] : [],
    ),
  },
  {
    transports: PATHS,
    call: 'write of a descriptor for reading alone, fcntl(F_SETLK) of one; poll',
    kernel: 'EBADF; 0x145',
    ours: 'ENOTCONN, 0; 0x41',
    why: SOCKET,
    allowed: either(
      answers('vfs', ['write on O_RDONLY'], 'ENOTCONN'),
      answers('vfs', ['fcntl SETLK WR on O_RDONLY'], 'OK'),
      changed('vfs/poll on O_RDONLY', { revents: '0x41' }),
    ),
  },
  {
    transports: MOUNTS,
    call: 'a descriptor for reading alone, up to its first ioctl: contexts, read',
    kernel: 'one is made by the open, EINVAL',
    ours: 'one is made by the ioctl, 0',
    why: 'an open for reading is not trapped: until its first ioctl it is a plain file',
    allowed: either(changed('vfs/open O_RDONLY', { uctx_added: 0 }), answers('vfs', ['read on O_RDONLY'], 'OK')),
  },
  {
    transports: SECCOMP,
    call: 'mmap with PROT_EXEC',
    kernel: 'ENODEV',
    ours: 'EPERM',
    why: 'sockets are on a file system that is mounted noexec',
    allowed: answers('vfs', EXECUTABLE, 'EPERM'),
  },
  {
    transports: SECCOMP,
    call: 'poll, select, epoll_ctl ADD',
    kernel: '0x145, readable and writable, EPERM',
    ours: '0x41, readable, 0',
    why: SOCKET,
    allowed: either(
      changed('vfs/poll', { revents: '0x41' }),
      changed('vfs/select', { ret: 1, w: 0 }),
      answers('vfs', ['epoll_ctl ADD'], 'OK'),
      fact('poll', '1 revents 0x41'),
    ),
  },
  {
    transports: SECCOMP,
    call: 'flock(LOCK_EX) of a second open file; bind, accept; fstatfs: f_type; /proc/PID/fdinfo/FD',
    kernel: 'EAGAIN; ENOTSOCK; 0x1021994 (tmpfs)',
    ours: '0; done; 0x534f434b (sockets); has a line scm_fds: where the kernel has',
    why: SOCKET,
    allowed: either(
      answers('vfs', ['flock EX|NB second file', 'bind/accept (ENOTSOCK)'], 'OK'),
      changed('vfs/statfs fields', { type: '0x534f434b' }),
      (key, want) => (key === 'vfs/fdinfo' && want ? [{ ...want, v: `${want.v}scm_fds: 0\n` }] : []),
    ),
  },
  {
    transports: MOUNTS,
    call: 'fcntl(F_SETLEASE)',
    kernel: 'EINVAL',
    ours: '0',
    why: SOCKET,
    allowed: answers('vfs', ['fcntl SETLEASE RD'], 'OK'),
  },
  {
    transports: SECCOMP,
    call: 'ioctl FIOASYNC(1) / FS_IOC_GETFSUUID',
    kernel: 'ENOTTY / 0',
    ours: '0 / ENOTTY',
    why: "these are the file system's to answer, and it is that of sockets",
    allowed: either(
      generic('FIOASYNC(1)', 'OK'),
      generic('FS_IOC_GETFSUUID', 'ENOTTY'),
      changed('ioctlnr/io_summary summary', { enotty: 65529 }),
      extra('ioctlnr/io 0x00005452', { t: 'io', cmd: '0x00005452', ret: 0, err: 'OK' }),
    ),
  },
  {
    transports: MOUNTS,
    call: 'stat, lstat of a path: type and st_rdev; truncate; fchmod(2), fchown(2)',
    kernel: 'character device 252:N; EINVAL; of the node',
    ours: 'regular file, 0:0; 0; of the socket',
    why: 'the node of a view by mounts is a plain file, which fstat(2) alone does not show',
    allowed: either(
      placeholder,
      answers('vfs', ['truncate path'], 'OK'),
      changed('vfs/mode after fchmod', { mode: '0100600' }),
      missing(/^sysfs\/\/sys\/dev\/char\/252:\d$/),
      extra('sysfs//sys/dev/char/0:0', { path: '/sys/dev/char/0:0', err: 'ENOENT' }),
    ),
  },
  {
    transports: MOUNTS,
    call: '/proc/self/fd/N of an open device',
    kernel: '/dev/fwctl/fwctlN',
    ours: 'socket:[INODE]',
    why: 'readlink(2) is not trapped there',
    allowed: (key, want) =>
      /^(vfs|plug)\/\/proc\/self\/fd link/.test(key) && want ? [{ ...want, v: 'socket:[INODE]' }] : [],
  },
  {
    transports: PATHS,
    call: 'truncate, linkat, mkdir, inotify_add_watch of a path of ours; fchmod(2) of an open device',
    kernel: 'EINVAL / done / ENOTDIR / done; of the node',
    ours: 'ENOENT; of the socket',
    why: UNTRAPPED,
    allowed: either(
      answers('vfs', ['truncate path', 'linkat (hard link beside)', 'mkdir below', 'inotify_add_watch'], 'ENOENT'),
      changed('vfs/mode after fchmod', { mode: '020600' }),
    ),
  },
  {
    transports: PATHS,
    call: 'open through a descriptor with O_PATH, of a device that was unplugged since',
    kernel: 'ENODEV, ENXIO once no file of it is open',
    ours: 'ENOENT',
    why: 'what stands for the descriptor is known by its path',
    allowed: either(
      fact('open through an O_PATH fd from before, other fds still open', 'ENOENT'),
      fact('open through the O_PATH fd, no fd left', 'ENOENT'),
    ),
  },
  {
    transports: SECCOMP,
    call: '/dev/kmsg',
    kernel: "the taint's warning",
    ours: "the machine's own log",
    why: 'a file that is read record by record has to be served',
    allowed: missing(/^taint\/[^/]+\/kmsg_prio$/),
  },
  {
    transports: MOUNTS,
    call: 'attributes of sysfs: size, read of one that cannot be read, write',
    kernel: '4096, EIO or EACCES, done or EACCES',
    ours: 'that of the text, an empty file, EROFS',
    why: PLAIN,
    allowed: either(
      plainAttribute,
      changed(/^sysfs\/write /, { open: 'EROFS', ret: -1, err: '-' }),
      extra('sysfs//sys/devices/pci0000:00/0000:00:0a.0/numa_node', {
        path: '/sys/devices/pci0000:00/0000:00:0a.0/numa_node',
        type: 'file',
        mode: '0644',
        size: 3,
        text: '-1\n',
      }),
    ),
  },
  {
    transports: PATHS,
    call: 'attributes of sysfs: read of one that cannot be read, write',
    kernel: 'EIO, done',
    ours: 'an empty file, EBADF',
    why: 'what is given to the caller is a plain file, open for reading',
    allowed: either(emptyAttribute, changed('sysfs/write uevent', { ret: -1, err: 'EBADF' })),
  },
];
