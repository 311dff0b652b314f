/** Errno values we answer (x86-64, arm64: asm-generic/errno.h), positive: the FUSE reply alone puts on the sign. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  ENOMSG: 42,
  EBADR: 53,
  ENODATA: 61,
  EPROTO: 71,
  EBADMSG: 74,
  EOVERFLOW: 75,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  ECONNABORTED: 103,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  EALREADY: 114,
  EREMOTEIO: 121,
  ECANCELED: 125,
} as const;

export type ErrnoName = keyof typeof ERRNO;

const names = new Map<number, ErrnoName>(Object.entries(ERRNO).map(([name, value]) => [value, name as ErrnoName]));

/** The errno's name, or `E#n` for one that is not in the table. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `E#${errno}`;
}

/** The kernel's ERESTARTSYS: never seen by a program; the kernel restarts the call or answers EINTR (linux/errno.h). */
export const ERESTARTSYS = 512;
