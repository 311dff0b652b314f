/** Who makes a system call, and the descriptors an ioctl may give to it. */
import type { AnonymousFile } from './anonymous-file.ts';

/** The thread that made a system call, as the kernel knows `current`. */
export interface Caller {
  /** Thread id in the daemon's pid namespace; 0 when the caller lives outside of it. */
  readonly tid: number;
  /** Fs uid and gid, as the transport's user namespace names them. */
  readonly uid: number;
  readonly gid: number;
  /** The thread's comm: at most 15 bytes, any byte, as latin1. */
  comm(): string;
  /** Thread-group id (what the kernel's log calls pid: task_pid_nr of the *thread*, kept for the log line). */
  pid(): number;
  /** capable(): effective capability `cap`, as of now, in the user namespace that plays the initial one. */
  capable(cap: number): boolean;
  /**
   * get_unused_fd_flags(): a free descriptor of the caller's process, close-on-exec; undefined when it has no free one.
   * Absent where a transport cannot reach its callers' descriptors, which FUSE and CUSE cannot.
   */
  reserveDescriptor?(): DescriptorSlot | undefined;
}

/** A descriptor number that is taken and not open yet: either `install` or `putBack` follows. */
export interface DescriptorSlot {
  readonly number: number;
  /** fd_install(). The file's `release` is called at its last close. */
  install(file: AnonymousFile): void;
  /** put_unused_fd(). */
  putBack(): void;
}

/** include/uapi/linux/capability.h */
export const CAP_SYS_RAWIO = 17;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_RESOURCE = 24;
