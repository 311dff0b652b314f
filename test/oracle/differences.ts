/**
 * Where the emulator differs from the kernel because the kernel's own FUSE and CUSE leave no choice: one row each, with
 * the exact records of fwx that are allowed. docs/vfs-differences.md is made of these rows; any other difference is a
 * failure.
 */
import type { GoldenRecord } from '../conformance/golden.ts';
import { holdsOn, type LinuxRange } from './linux-range.ts';
import { retrySecondBuffer, retryTooLong } from './retry-differences.ts';
import type { OracleTransport } from './transport.ts';

export interface DifferenceRow {
  readonly transports: readonly OracleTransport[];
  /** The machine's kernels under which it holds; all unless told. */
  readonly linux?: LinuxRange;
  /** For the reader: the call, what the kernel answers, what we do, and why. */
  readonly call: string;
  readonly kernel: string;
  readonly ours: string;
  readonly why: string;
  /**
   * The records allowed in place of `want`; an empty list: the row does not speak of this key. `undefined` in it: no
   * record.
   */
  allowed(key: string, want: GoldenRecord | undefined): readonly (GoldenRecord | undefined)[];
}

const FUSE: readonly OracleTransport[] = ['fuse'];
const CUSE: readonly OracleTransport[] = ['cuse', 'retry'];
const BOTH: readonly OracleTransport[] = ['fuse', 'cuse', 'retry'];

/** A section's operations that answer `ret` and `err` instead. */
function answers(section: string, names: readonly string[], err: string, ret = err === 'OK' ? 0 : -1) {
  const keys = new Set(names.map((name) => `${section}/${name}`));
  return (key: string, want: GoldenRecord | undefined) => (keys.has(key) && want ? [{ ...want, ret, err }] : []);
}

/** A generic ioctl of section ioctlnr. */
function generic(name: string, err: string) {
  return answers('ioctlnr', [`generic ${name}`], err);
}

/** Facts of section plug, by name. */
function fact(name: string, v: string) {
  return (key: string, want: GoldenRecord | undefined) => (key === `plug/${name}` && want ? [{ ...want, v }] : []);
}

/** Records that are the golden one with some members changed. */
function changed(match: string | RegExp, change: GoldenRecord) {
  return (key: string, want: GoldenRecord | undefined) =>
    want && (typeof match === 'string' ? key === match : match.test(key)) ? [{ ...want, ...change }] : [];
}

function missing(match: RegExp) {
  return (key: string, want: GoldenRecord | undefined) => (want && match.test(key) ? [undefined] : []);
}

/** A record that the kernel does not have. */
function extra(wanted: string, record: GoldenRecord) {
  return (key: string, want: GoldenRecord | undefined) => (want === undefined && key === wanted ? [record] : []);
}

function either(...rules: DifferenceRow['allowed'][]): DifferenceRow['allowed'] {
  return (key, want) => rules.flatMap((rule) => rule(key, want));
}

const REGULAR = 'a file of a FUSE mount is a regular file, and the VFS answers by itself';
const DIRECT = 'fuse_direct_io() of fs/fuse/file.c looks at length and buffer before it asks the server';

export const DIFFERENCES: readonly DifferenceRow[] = [
  {
    transports: BOTH,
    call: 'read, write of 0 bytes',
    kernel: 'EINVAL',
    ours: '0',
    why: DIRECT,
    allowed: answers('vfs', ['read(0)', 'write(0)'], 'OK'),
  },
  {
    transports: BOTH,
    call: 'read into memory that cannot be written',
    kernel: 'EINVAL',
    ours: 'EFAULT',
    why: DIRECT,
    allowed: answers('vfs', ['read(NULL,16)', 'read(kernel ptr,16)'], 'EFAULT'),
  },
  {
    transports: BOTH,
    call: 'epoll_ctl(EPOLL_CTL_ADD)',
    kernel: 'EPERM',
    ours: '0, always ready',
    why: 'every FUSE and CUSE file has a poll operation',
    allowed: answers('vfs', ['epoll_ctl ADD'], 'OK'),
  },
  {
    transports: FUSE,
    call: 'pread, pwrite',
    kernel: 'EINVAL',
    ours: 'ESPIPE',
    why: 'FOPEN_NONSEEKABLE, which makes lseek ESPIPE as it should be, takes these away too (nonseekable_open())',
    allowed: answers('vfs', ['pread(16,0)', 'pwrite(16,0)'], 'ESPIPE'),
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
    ours: 'a mapping; touching it is SIGBUS',
    why: REGULAR,
    allowed: answers(
      'vfs',
      [0, 1, 2, 3, 4, 5, 6, 7].map((prot) => `mmap(prot=${prot},PRIVATE)`),
      'OK',
    ),
  },
  {
    transports: FUSE,
    call: 'sync_file_range / readahead',
    kernel: 'ESPIPE / EINVAL',
    ours: '0',
    why: REGULAR,
    allowed: answers('vfs', ['sync_file_range', 'readahead'], 'OK'),
  },
  {
    transports: FUSE,
    call: 'fcntl(F_SETFL, O_DIRECT)',
    kernel: 'EINVAL',
    ours: '0 (open with O_DIRECT is EINVAL, as it should be)',
    why: REGULAR,
    allowed: answers('vfs', ['fcntl SETFL O_DIRECT'], 'OK'),
  },
  {
    transports: FUSE,
    call: 'fcntl(F_SETLEASE)',
    kernel: 'EINVAL',
    ours: 'EAGAIN',
    why: REGULAR,
    allowed: answers('vfs', ['fcntl SETLEASE RD'], 'EAGAIN'),
  },
  {
    transports: FUSE,
    linux: { from: '6.5' },
    call: 'splice, sendfile from it',
    kernel: 'EINVAL',
    ours: '0 (end of file)',
    why: `${REGULAR}: filemap_splice_read() looks at the size; before, generic_file_splice_read() asked the server`,
    allowed: answers('vfs', ['splice from', 'sendfile from'], 'OK'),
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
    call: 'copy_file_range to an O_RDONLY descriptor',
    kernel: 'EINVAL',
    ours: 'EBADF',
    why: `${REGULAR}: the type of file is looked at before its mode`,
    allowed: answers('vfs', ['copy_file_range'], 'EBADF'),
  },
  {
    transports: FUSE,
    call: 'link, unlink, rename, mknod in /dev/fwctl',
    kernel: 'done (devtmpfs lets root)',
    ours: 'EPERM',
    why: 'the directory shows the devices that there are, and nothing else',
    allowed: answers('vfs', ['linkat (hard link beside)'], 'EPERM'),
  },
  {
    transports: FUSE,
    call: 'stat, lstat, fstat: type and st_rdev',
    kernel: 'character device, 252:N',
    ours: 'regular file, 0:0; /sys/dev/char/0:0 leads each caller to the device that it has open',
    why: 'open(2) of a character device never asks a FUSE server',
    allowed: either(
      changed('vfs/stat fields', { mode: '0100600' }),
      changed('vfs/mode after fchmod', { mode: '0100640' }),
      missing(/^sysfs\/\/sys\/dev\/char\/252:0$/),
      extra('sysfs//sys/dev/char/0:0', { path: '/sys/dev/char/0:0', err: 'ENOENT' }),
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
    ours: '0',
    why: 'file_ioctl() of fs/ioctl.c answers these for regular files',
    allowed: either(
      generic('FIOQSIZE', 'OK'),
      generic('FIONREAD', 'OK'),
      generic('FIBMAP', 'OK'),
      changed('ioctlnr/io_summary summary', { enotty: 65527 }),
      ...['0x00000001', '0x0000541b', '0x00005460'].map((cmd) =>
        extra(`ioctlnr/io ${cmd}`, { t: 'io', cmd, ret: 0, err: 'OK' }),
      ),
    ),
  },
  {
    transports: FUSE,
    call: 'ioctl FIDEDUPERANGE / FS_IOC_RESVSP',
    kernel: 'EINVAL / ENOTTY',
    ours: 'EOPNOTSUPP / EINVAL',
    why: 'file_ioctl() of fs/ioctl.c answers these for regular files',
    allowed: either(generic('FIDEDUPERANGE', 'EOPNOTSUPP'), generic('FS_IOC_RESVSP', 'EINVAL')),
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
    transports: CUSE,
    linux: { before: '6.9' },
    call: 'ioctl FS_IOC_GETFSUUID',
    kernel: '0',
    ours: 'ENOTTY',
    why: "it asks the file system of /dev, and what it asks came with Linux 6.9, later than the machine's own",
    allowed: generic('FS_IOC_GETFSUUID', 'ENOTTY'),
  },
  {
    transports: FUSE,
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
    transports: BOTH,
    call: 'syslog(2), klogctl(3), dmesg -S',
    kernel: "the taint's warning",
    ours: "the machine's own log (/dev/kmsg of the view has the warning, as the kernel's has)",
    why: 'a system call without a file cannot be served',
    allowed: either(missing(/^taint\/[^/]+\/dmesg$/), changed(/^taint\/[^/]+\/dmesg_lines$/, { dmesg_lines: 0 })),
  },
  {
    transports: BOTH,
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
];

/** What cuse.ko sends, by fwx's moment; the golden records come first, ours in their order. */
function cuseUevents(key: string, want: GoldenRecord | undefined): (GoldenRecord | undefined)[] {
  const name = /^plug\/(uevent .*)$/.exec(key)?.[1];
  if (name === undefined || want === undefined) return [];
  const event = (action: string, n: number) => ({
    sect: 'plug',
    name,
    v: `${action}@/devices/virtual/cuse/fwctl!fwctl${n} ACTION=${action} DEVPATH=/devices/virtual/cuse/fwctl!fwctl${n} SUBSYSTEM=cuse MAJOR=252 MINOR=${n} DEVNAME=fwctl/fwctl${n} `,
  });
  // the number beside the orphan: v2 had no fourth device
  const sent: Readonly<Record<string, readonly GoldenRecord[]>> = {
    'uevent at plug': [event('add', 4), event('add', 3)],
    'uevent at second unplug': [event('remove', 4), event('remove', 3)],
    'uevent at plug 2': [event('remove', 1), event('add', 1)],
  };
  return [undefined, ...(sent[name] ?? [])];
}

/** What may differ over `transport` on a machine whose kernel is `release`. */
export function rowsOf(transport: OracleTransport, release: string): readonly DifferenceRow[] {
  return DIFFERENCES.filter(({ transports, linux = {} }) => transports.includes(transport) && holdsOn(linux, release));
}
