/**
 * Where /dev/iommu differs from the kernel's in iox's sections vfs and ioctlnr, because FUSE and CUSE leave no choice:
 * one row each. A row says what its records are instead, and replay.ts fails on any other, and on one that is the
 * kernel's after all. docs/iommufd.md has the rows as a table. `test/oracle/differences.ts` is the same of fwctl.
 */
import type { GoldenRecord, RecordedKernel } from '../conformance/iommufd/golden.ts';
import type { Transport } from './serve.ts';

/** What a run is compared under. */
export interface Circumstances {
  readonly transport: Transport;
  readonly kernel: RecordedKernel;
  /** Where the run's /dev/iommu stands. */
  readonly node: string;
  /** Root has CAP_SYS_RESOURCE here, as it had where the kernels were recorded. */
  readonly sysResource: boolean;
}

type Count = 'good OK' | 'good EBUSY' | 'good EMFILE' | 'good EPERM' | 'good ENOTTY' | 'bad EFAULT' | 'bad ENOTTY';

export interface DifferenceRow {
  readonly transports: readonly Transport[];
  /** For the reader: the call, what the kernel answers, what we do, and why. */
  readonly call: string;
  readonly kernel: string;
  readonly ours: string;
  readonly why: string;
  /** Ids of its records; of those only which `of` fits, where it is given. */
  readonly ids: RegExp;
  readonly of?: (want: GoldenRecord) => boolean;
  /** What the record is instead. `have` is what it is, for numbers that nobody can know before. */
  readonly change: (want: GoldenRecord, have: GoldenRecord | undefined) => GoldenRecord;
  /** Records that the kernel has none of, and by how much more or less iox's counts are. */
  readonly extra?: readonly GoldenRecord[];
  readonly counts?: (kernel: RecordedKernel) => Partial<Record<Count, number>>;
}

const FUSE: readonly Transport[] = ['fuse'];
const CUSE: readonly Transport[] = ['cuse', 'cuse-retry'];
const BOTH: readonly Transport[] = [...FUSE, ...CUSE];

const REGULAR = 'a file of a FUSE mount is a regular file, and the VFS answers by itself';
const DIRECT = 'fuse_direct_io() looks at length and buffer before it asks the server';

/** Another result. */
const answers =
  (err: string) =>
  (want: GoldenRecord): GoldenRecord => ({ ...want, ret: err === 'OK' ? 0 : -1, err });
const refusedWith =
  (err: string) =>
  (want: GoldenRecord): boolean =>
    want.err === err;

const FIONREAD = ['0x0001', '0x541b', '0x5460'].map((number) => ({ id: `ioctlnr/${number}`, ret: 0, err: 'OK' }));

export const DIFFERENCES: readonly DifferenceRow[] = [
  {
    transports: BOTH,
    call: 'read, write of 0 bytes',
    kernel: 'EINVAL',
    ours: '0',
    why: DIRECT,
    ids: /^vfs\/\w+ (read|write) 0$/,
    of: refusedWith('EINVAL'),
    change: answers('OK'),
  },
  {
    transports: BOTH,
    call: 'read into memory that cannot be written',
    kernel: 'EINVAL',
    ours: 'EFAULT',
    why: DIRECT,
    ids: /^vfs\/\w+ read NULL$/,
    of: refusedWith('EINVAL'),
    change: answers('EFAULT'),
  },
  {
    transports: BOTH,
    call: 'epoll_ctl(EPOLL_CTL_ADD)',
    kernel: 'EPERM',
    ours: '0, always ready',
    why: 'every FUSE and CUSE file has a poll operation',
    ids: /^vfs\/\w+ epoll ADD$/,
    change: answers('OK'),
  },
  {
    transports: FUSE,
    call: 'pread, pwrite',
    kernel: 'EINVAL, EBADF',
    ours: 'ESPIPE',
    why: 'FOPEN_NONSEEKABLE, which makes lseek ESPIPE as it should be, takes these away too (nonseekable_open())',
    ids: /^vfs\/\w+ p(read|write)$/,
    change: answers('ESPIPE'),
  },
  {
    transports: CUSE,
    call: 'lseek (SET, CUR, END, DATA)',
    kernel: 'ESPIPE',
    ours: '0',
    why: 'cuse.ko has noop_llseek() for every device',
    ids: /^vfs\/\w+ lseek (SET|SET 10|CUR|END|DATA)$/,
    change: answers('OK'),
  },
  {
    transports: FUSE,
    call: 'mmap(MAP_PRIVATE)',
    kernel: 'ENODEV',
    ours: 'a mapping; touching it is SIGBUS',
    why: REGULAR,
    ids: /^vfs\/\w+ mmap R PRIVATE$/,
    of: refusedWith('ENODEV'),
    change: (want, have) => ({ ...want, ret: Number(have?.ret) > 0 ? have?.ret : 'an address', err: 'OK' }),
  },
  {
    transports: FUSE,
    call: 'F_SETFL O_DIRECT',
    kernel: 'EINVAL',
    ours: '0',
    why: REGULAR,
    ids: /^vfs\/\w+ F_SETFL O_DIRECT$/,
    change: answers('OK'),
  },
  {
    transports: FUSE,
    call: 'F_SETLEASE',
    kernel: 'EINVAL',
    ours: 'EAGAIN',
    why: REGULAR,
    ids: /^vfs\/\w+ F_SETLEASE$/,
    change: answers('EAGAIN'),
  },
  {
    transports: FUSE,
    call: 'splice into the file',
    kernel: 'EINVAL',
    ours: 'EAGAIN',
    why: REGULAR,
    ids: /^vfs\/\w+ splice in$/,
    of: refusedWith('EINVAL'),
    change: answers('EAGAIN'),
  },
  {
    transports: FUSE,
    call: 'stat, fstat',
    kernel: 'character device 10:256 (vfio 10:196)',
    ours: 'regular file, 0:0',
    why: 'open(2) of a character device never asks a FUSE server',
    ids: /^vfs\/(stat fields|vfio stat fields|\w+ fstat)$/,
    change: (want) => ({
      ...want,
      mode: `100${String(want.mode).slice(-3)}`,
      ...('major' in want && { major: 0, minor: 0 }),
    }),
  },
  {
    transports: CUSE,
    call: 'stat',
    kernel: 'major 10, minor 256 (vfio 196)',
    ours: 'a free major, minor 0',
    why: "major 10 is the machine's own misc driver's, and CUSE registers a character device of its own",
    ids: /^vfs\/(vfio )?stat fields$/,
    change: (want, have) => ({ ...want, major: have?.major === 10 ? 'another' : have?.major, minor: 0 }),
  },
  {
    transports: FUSE,
    call: 'FIONREAD, FIOQSIZE, FIBMAP',
    kernel: 'ENOTTY; EFAULT before 6.12 for a bad pointer',
    ours: '0; EFAULT for a bad pointer',
    why: REGULAR,
    ids: /^ioctlnr\/FIONREAD$/,
    change: answers('OK'),
    extra: FIONREAD,
    counts: ({ abi }) => {
      const bad = abi === 'linux-6.12' ? 3 : 1;
      return { 'good OK': 3, 'good ENOTTY': -3, 'bad EFAULT': bad, 'bad ENOTTY': -bad };
    },
  },
  {
    transports: FUSE,
    call: 'the number 0xffffffff with a bad pointer',
    kernel: 'ENOTTY',
    ours: 'EFAULT',
    why: 'fuse_do_ioctl() copies as many bytes as the number says before it asks the server',
    ids: /^ioctlnr\/all ones, bad pointer$/,
    change: answers('EFAULT'),
  },
  {
    transports: BOTH,
    call: 'IOMMU_FAULT_QUEUE_ALLOC',
    kernel: 'a descriptor',
    ours: 'EMFILE',
    why: 'no FUSE server can put a descriptor into its caller; EMFILE is what the kernel says to one that has none free. In process it works',
    ids: /^ioctlnr\/0x3b8e$/,
    change: answers('EMFILE'),
    counts: ({ abi }) => (abi === 'linux-6.12' ? { 'good OK': -1, 'good EMFILE': 1 } : {}),
  },
];

/** A root without CAP_SYS_RESOURCE: no difference of ours. */
const NO_SYS_RESOURCE: Pick<DifferenceRow, 'ids' | 'change' | 'counts'> = {
  ids: /^ioctlnr\/0x3b87$/,
  change: answers('EPERM'),
  counts: ({ abi }) => (abi === 'linux-6.12' ? { 'good EBUSY': -1, 'good EPERM': 1 } : {}),
};

/** A row of the table in docs/iommufd.md. */
export function tableLine({ call, kernel, ours, transports, why }: DifferenceRow): string {
  const mark = (transport: Transport) => (transports.includes(transport) ? 'x' : '');
  return `| ${[call, kernel, ours, mark('fuse'), mark('cuse'), why].join(' | ')} |`;
}

/** What the run should have answered, by id; `have` is what it did. */
export function expectedSection(
  section: string,
  golden: readonly GoldenRecord[],
  have: ReadonlyMap<string, GoldenRecord>,
  { transport, kernel, node, sysResource }: Circumstances,
): Map<string, GoldenRecord> {
  const rows: Pick<DifferenceRow, 'ids' | 'of' | 'change' | 'extra' | 'counts'>[] = [
    ...DIFFERENCES.filter(({ transports }) => transports.includes(transport)),
    ...(sysResource ? [] : [NO_SYS_RESOURCE]),
  ];
  const expected = new Map<string, GoldenRecord>();
  for (const record of golden) {
    const row = rows.find(({ ids, of }) => ids.test(record.id) && (of === undefined || of(record)));
    const want = record.link === '/dev/iommu' ? { ...record, link: node } : record;
    expected.set(record.id, row === undefined ? want : row.change(want, have.get(record.id)));
  }
  if (section !== 'ioctlnr') return expected;
  for (const { extra = [], counts } of rows) {
    for (const record of extra) expected.set(record.id, record);
    for (const [name, more] of Object.entries(counts?.(kernel) ?? {})) {
      const id = `ioctlnr/count ${name}`;
      const n = Number(expected.get(id)?.n ?? 0) + more;
      if (n === 0) expected.delete(id);
      else expected.set(id, { id, n });
    }
  }
  return expected;
}
