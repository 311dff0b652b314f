/**
 * The FUSE and CUSE wire protocol: include/uapi/linux/fuse.h. Offsets and sizes in bytes, little-endian on the machines
 * that we serve; only what a tree of device files, links and small texts needs.
 */

/** Protocol version that we speak; the kernel's minor is answered with the lower of both. */
export const FUSE_MAJOR = 7;
export const FUSE_MINOR = 38;

export const OPCODE = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKNOD: 8,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  LINK: 13,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  SETXATTR: 21,
  GETXATTR: 22,
  LISTXATTR: 23,
  REMOVEXATTR: 24,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  ACCESS: 34,
  CREATE: 35,
  INTERRUPT: 36,
  DESTROY: 38,
  IOCTL: 39,
  POLL: 40,
  BATCH_FORGET: 42,
  FALLOCATE: 43,
  RENAME2: 45,
  LSEEK: 46,
  COPY_FILE_RANGE: 47,
  STATX: 52,
  CUSE_INIT: 4096,
} as const;

/** struct fuse_in_header. */
export const inHeader = { len: 0, opcode: 4, unique: 8, nodeid: 16, uid: 24, gid: 28, pid: 32, bytes: 40 } as const;
/** struct fuse_out_header. */
export const outHeader = { len: 0, error: 4, unique: 8, bytes: 16 } as const;

/** struct fuse_init_in. */
export const initIn = { major: 0, minor: 4, maxReadahead: 8, flags: 12, flags2: 16 } as const;
/** struct fuse_init_out. */
export const initOut = {
  major: 0,
  minor: 4,
  maxReadahead: 8,
  flags: 12,
  maxBackground: 16,
  congestionThreshold: 18,
  maxWrite: 20,
  timeGran: 24,
  flags2: 32,
  /** u16, seconds. */
  requestTimeout: 40,
  bytes: 64,
} as const;
/** O_TRUNC arrives with OPEN instead of as a SETATTR, so that ftruncate(2) alone can be refused. */
export const FUSE_ATOMIC_O_TRUNC = 1 << 3;
/** Access control lists are kept as extended attributes, and the kernel obeys them. */
export const FUSE_POSIX_ACL = 1 << 20;
/** A read of /dev/fuse tells an abort, ECONNABORTED, from an unmount, ENODEV. */
export const FUSE_ABORT_ERROR = 1 << 21;
/** `flags2` is there. */
export const FUSE_INIT_EXT = 1 << 30;
/** Of `flags2`: the server says how long a request may take, in place of sysctl fs.fuse.default_request_timeout. */
export const FUSE_REQUEST_TIMEOUT = 1 << 10;
/** The longest, s; fs.fuse.max_request_timeout cuts it. */
export const MAX_REQUEST_TIMEOUT = 0xffff;

/** struct cuse_init_out; the device name follows as `DEVNAME=...\0`. */
export const cuseInitOut = {
  major: 0,
  minor: 4,
  flags: 12,
  maxRead: 16,
  maxWrite: 20,
  devMajor: 24,
  devMinor: 28,
  bytes: 72,
} as const;
export const CUSE_UNRESTRICTED_IOCTL = 1;

/** struct fuse_attr. */
export const attr = {
  ino: 0,
  size: 8,
  blocks: 16,
  atime: 24,
  mtime: 32,
  ctime: 40,
  atimensec: 48,
  mtimensec: 52,
  ctimensec: 56,
  mode: 60,
  nlink: 64,
  uid: 68,
  gid: 72,
  rdev: 76,
  blksize: 80,
  bytes: 88,
} as const;
/** struct fuse_entry_out: nodeid, generation, validities, then a fuse_attr. */
export const entryOut = { nodeid: 0, entryValid: 16, attrValid: 24, attr: 40, bytes: 128 } as const;
/** struct fuse_attr_out: validity, then a fuse_attr. */
export const attrOut = { attrValid: 0, attr: 16, bytes: 104 } as const;
/** struct fuse_statx_out: validity, flags, then a fuse_statx, whose times are i64 seconds, u32 nanoseconds, 4 bytes. */
export const statxOut = { attrValid: 0, statx: 32, bytes: 288 } as const;
export const statx = {
  mask: 0,
  blksize: 4,
  nlink: 16,
  uid: 20,
  gid: 24,
  mode: 28,
  ino: 32,
  size: 40,
  atime: 64,
  btime: 80,
  ctime: 96,
  mtime: 112,
} as const;
/** STATX_BASIC_STATS | STATX_BTIME of include/uapi/linux/stat.h. */
export const STATX_ALL = 0xfff;
export const STATX_BTIME = 0x800;
/** struct fuse_mknod_in; the name follows. */
export const mknodIn = { mode: 0, bytes: 16 } as const;
/** struct fuse_setattr_in. */
export const setattrIn = {
  valid: 0,
  atime: 32,
  mtime: 40,
  atimensec: 56,
  mtimensec: 60,
  mode: 68,
  uid: 76,
  gid: 80,
} as const;
export const FATTR_MODE = 1 << 0;
export const FATTR_UID = 1 << 1;
export const FATTR_GID = 1 << 2;
export const FATTR_SIZE = 1 << 3;
export const FATTR_ATIME = 1 << 4;
export const FATTR_MTIME = 1 << 5;
export const FATTR_ATIME_NOW = 1 << 7;
export const FATTR_MTIME_NOW = 1 << 8;

/** struct fuse_setxattr_in (without FUSE_SETXATTR_EXT); the name and its NUL follow, then the value. */
export const setxattrIn = { size: 0, flags: 4, name: 8 } as const;
/** flags of setxattr(2): include/uapi/linux/xattr.h. */
export const XATTR_CREATE = 1;
export const XATTR_REPLACE = 2;
/** struct fuse_getxattr_in (GETXATTR, whose name follows, and LISTXATTR) and fuse_getxattr_out, for a size of 0. */
export const getxattrIn = { size: 0, name: 8 } as const;
export const getxattrOut = { size: 0, bytes: 8 } as const;

/** struct fuse_open_in and fuse_open_out. */
export const openIn = { flags: 0 } as const;
export const openOut = { fh: 0, openFlags: 8, bytes: 16 } as const;
export const FOPEN_DIRECT_IO = 1 << 0;
export const FOPEN_NONSEEKABLE = 1 << 2;
/** No file position at all. */
export const FOPEN_STREAM = 1 << 4;
/** struct fuse_release_in. */
export const releaseIn = { fh: 0 } as const;
/** struct fuse_read_in (READ and READDIR); `flags` are the file's O_* flags. */
export const readIn = { fh: 0, offset: 8, size: 16, flags: 32 } as const;
/** struct fuse_write_in; the data follow. */
export const writeIn = { fh: 0, offset: 8, size: 16, bytes: 40 } as const;
/** struct fuse_write_out. */
export const writeOut = { size: 0, bytes: 8 } as const;
/** struct fuse_interrupt_in. */
export const interruptIn = { unique: 0 } as const;
/** struct fuse_forget_in; fuse_batch_forget_in: count, dummy, then pairs of nodeid, nlookup. */
export const forgetIn = { nlookup: 0 } as const;
export const batchForgetIn = { count: 0, entries: 8, entryBytes: 16 } as const;
/** struct fuse_poll_out. */
export const pollOut = { revents: 0, bytes: 8 } as const;
/** struct fuse_kstatfs as a STATFS answer. */
export const statfsOut = { bsize: 40, namelen: 44, frsize: 48, bytes: 80 } as const;
/** struct fuse_dirent; the name follows, padded to 8. */
export const dirent = { ino: 0, off: 8, namelen: 16, type: 20, bytes: 24 } as const;

/** struct fuse_ioctl_in and fuse_ioctl_out; fuse_ioctl_iovec {u64 base, u64 len}. */
export const ioctlIn = { fh: 0, flags: 8, cmd: 12, arg: 16, inSize: 24, outSize: 28, bytes: 32 } as const;
export const ioctlOut = { result: 0, flags: 4, inIovs: 8, outIovs: 12, bytes: 16 } as const;
export const ioctlIovec = { base: 0, len: 8, bytes: 16 } as const;
/** The caller is a 32-bit program. */
export const FUSE_IOCTL_COMPAT = 1 << 0;
export const FUSE_IOCTL_RETRY = 1 << 2;
/** FUSE_IOCTL_MAX_IOV pages in and as many out: what one RETRY round can carry, bytes. */
export const IOCTL_RETRY_BYTES = 32 * 4096;

/** The VFS's DEFAULT_POLLMASK: POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM. */
export const DEFAULT_POLLMASK = 0x145;

export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
