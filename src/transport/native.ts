/**
 * The typed face of the native addon (native/*.c): system calls only. A number that is negative is -errno.
 * Loaded when first asked for, so that `--help` and the in-process transport need no compiled file.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A watch of a file descriptor in Node's event loop. */
export type Watch = { readonly brand: 'watch' };

export interface Native {
  /** The one request buffer and the one reply buffer of all sessions; JavaScript is synchronous. */
  setBuffers(request: ArrayBuffer, reply: ArrayBuffer): void;
  /** read(2) of one FUSE request into the request buffer: its bytes. */
  readRequest(fd: number): number;
  /** write(2) of the first `length` bytes of the reply buffer: 0. */
  writeReply(fd: number, length: number): number;
  /**
   * writeReply, then readRequest: the hot loop's two calls in one. While several threads call, the reply may be kept
   * until there is no request, or the watch's callback ends (native/replies.c). -EINVAL: the kernel refused a reply,
   * whose request's opcode is in the request buffer.
   */
  replyThenRead(fd: number, length: number): number;
  /** Calls back whenever `fd` is readable or at its end; makes it non-blocking. */
  watch(fd: number, callback: () => void): Watch;
  /** Within the watch's callback and until it ends: what becomes readable is not told. */
  pauseWatch(watch: Watch): void;
  unwatch(watch: Watch): void;
  /** Looks for the next request so long after each answer before sleeping, microseconds; 0, the default: not at all. */
  setSpin(us: number): void;

  /** Takes a frame's ArrayBuffer (FRAME.bytes) for good: its index. */
  addFrame(buffer: ArrayBuffer): number;
  /** The frame of the next ioctl: into it a request's structure and payload are read ahead. */
  setNextFrame(frame: number): void;
  /**
   * Bytes copied before the first fault; -EAGAIN: a page may be long in coming, or a copier alone reaches it; -EPERM,
   * -ESRCH: the thread's memory cannot be had at all.
   */
  copyFromUser(frame: number, tid: number, pointer: number, skip: number, target: number, length: number): number;
  /** Carries out `count` writes queued in the frame: 0, -EFAULT, COMMIT's, or -EPERM, -ESRCH. */
  commit(frame: number, tid: number, count: number): number;
  /** 0: no reading ahead, and each write a call of its own. 1, the shortcuts, by default. */
  setShortcuts(on: number): void;
  /** 1: what a thread has just used is copied without a look at its pages. 0 by default. */
  setTrusting(on: number): void;
  /** 0 when process_vm_readv() may read that thread at all. */
  processVmProbe(tid: number): number;

  /** Starts the program of native/copier.c: its number, or -errno. */
  startCopier(path: string): number;
  /** What is readable when its copy is done. */
  copierSocket(copier: number): number;
  /** `kind` is COPY's; `place` in the frame is what a write copies, and where a read is copied to by endCopy(). */
  beginCopy(
    copier: number,
    kind: number,
    frame: number,
    tid: number,
    pointer: number,
    skip: number,
    place: number,
    length: number,
  ): number;
  /** 0: `result` has what COPY_RESULT names; -EAGAIN: not yet; -EPIPE: the copier has died. */
  endCopy(copier: number, result: ArrayBuffer): number;
  /** Kills it, whatever it waits for. */
  endCopier(copier: number): void;

  mount(source: string, target: string, type: string, flags: number, data: string): number;
  umount(target: string, flags: number): number;
  /** An AF_UNIX SOCK_SEQPACKET pair, close-on-exec. */
  socketPair(): [number, number] | number;
  /** One message and the descriptor it carries (-1: none); -EAGAIN when none is there; empty text and -1 at the end. */
  receiveMessage(fd: number): { text: string; fd: number } | number;
  /**
   * FWCTL_INFO or FWCTL_RPC on a node not ours, on a worker thread: the result or -errno. `argument` is the structure
   * with its lengths; its pointers are set to `input` and `output`, as long as it says. `places`: three u32 for each
   * address in `input`, its offset there, and of what it is set to: offset in `memory`, length. Throws a TypeError for
   * what does not fit.
   */
  fwctlIoctl(
    fd: number,
    cmd: number,
    argument: ArrayBuffer,
    input: ArrayBuffer | undefined,
    output: ArrayBuffer | undefined,
    memory?: ArrayBuffer,
    places?: ArrayBuffer,
  ): Promise<number>;
  /** Who connected that unix socket (SO_PEERCRED): a user id as this process's user namespace names it, or -errno. */
  peerUid(fd: number): number;
  /** sd_notify(3): 0, or 1 when nobody asked. */
  notify(text: string): number;
  /** flock(2), exclusive, without waiting: 0, or -EAGAIN where somebody else has it. Ends with the descriptor. */
  lockFile(fd: number): number;
  /** A descriptor of inotify(7) that tells of names which come and go in the directory, and of nothing else. */
  watchNames(path: string): number;
  /** A child that has ended, whoever started it, and its status as wait(2) gives it; 0 or -errno: there is none. */
  reapChild(): { pid: number; status: number } | number;
  /** _exit(2): waits for no thread, and no handler of an exit is called. */
  exit(status: number): never;
}

/** The part for seccomp user notification (native/notify-session.c). */
export interface NotifyNative {
  /**
   * Serves the listener of a filter (`filter` of native/view-exec.c), which is the addon's from then on: the descriptor
   * that requests are read from, as from /dev/fuse. `mode`: NOTIFY_MODE's. `verify`: 1: each ioctl's descriptor is
   * looked at. `places`: a path on the file system of placeholders or listings; `shadow`: the directory of listings;
   * `prefixes`: paths that are ours with all below them, or, after "=", alone, one a line; `keeper`: the program.
   */
  beginNotify(
    listener: number,
    mode: number,
    verify: number,
    places: string,
    shadow: string,
    prefixes: string,
    keeper: string,
  ): number;
  /** Ends it; its session has closed the descriptor. */
  endNotify(fd: number): void;
  /** The handle of a file whose last descriptor was closed, told once; -1: there is none. */
  notifyReleased(fd: number): number;
  /** Calls that a signal took back before they were received: made again by the kernel (SA_RESTART), or EINTR. */
  notifyInterrupted(fd: number): number;
  /** A character device of number 0:0, which anybody may make: 0 or -errno. */
  makeNode(path: string): number;
  /** 0: this kernel has all that a filter needs. */
  probeFilter(): number;
}

/** A stream whose messages carry descriptors (native/stream.c). */
export interface StreamNative {
  /** A listening stream socket (0600) at that path, non-blocking, or -errno. */
  listenUnix(path: string): number;
  /** A connection, non-blocking; -EAGAIN: nobody is there. */
  acceptUnix(fd: number): number;
  /** Up to `length` bytes to `from`; 0: the end. `fds`: 17 int32, how many descriptors came with them, and which. */
  receiveBytes(fd: number, buffer: ArrayBuffer, from: number, length: number, fds: ArrayBuffer): number;
  /** Bytes that were taken; -EAGAIN: there is no room. */
  sendBytes(fd: number, buffer: ArrayBuffer, from: number, length: number): number;
  /** Adds 1 to an eventfd, or -EAGAIN where that would wait. */
  signalEvent(fd: number): number;
}

export type LoadedNative = Native & NotifyNative & StreamNative;

/** What native/memory.c answers to a commit: a copier is to make all of the writes, and how that will end. */
export const COMMIT = { deferred: 1, deferredFault: 2 } as const;
/** enum copy_kind of native/copier.h. */
export const COPY = { read: 0, write: 1, clear: 2, tail: 3 } as const;
/** struct copy_result: u64 copied (below 2^32 here), u32 unreachable, s32 error. */
export const COPY_RESULT = { copied: 0, unreachable: 8, error: 12, bytes: 16 } as const;

/** enum trap_mode of native/trapped.h: the view is made by mounts, or nothing is mounted. */
export const NOTIFY_MODE = { mounts: 1, paths: 2 } as const;

/** Where the addon stands, relative to dist/src/transport/: built here, or as a package brings it. */
export const NATIVE_DIRECTORY = nativeDirectory();

function nativeDirectory(): URL {
  const built = new URL('../../../native/build/Release/', import.meta.url);
  return existsSync(built) ? built : new URL(`../../../native/prebuilt/${process.arch}/`, import.meta.url);
}

/**
 * Loads the addon; for comparison FWCTL_EMU_SLOW=1 chooses the plain path, FWCTL_EMU_TRUST=1 what `run` trusts. Throws
 * what to do if it does not load.
 */
export function loadNative(): LoadedNative {
  const path = new URL('fwctl_emu.node', NATIVE_DIRECTORY).pathname;
  try {
    // a copy: V8 keeps the object that an addon fills as a hash table, and looks up each call in it
    const native: LoadedNative = { ...(createRequire(import.meta.url)(path) as LoadedNative) };
    if (process.env.FWCTL_EMU_SLOW === '1') native.setShortcuts(0);
    if (process.env.FWCTL_EMU_TRUST === '1') native.setTrusting(1);
    return native;
  } catch (error) {
    const build = existsSync(new URL('../../../Makefile', import.meta.url)) ? 'make build' : 'npm rebuild fwctl-emu';
    throw new Error(`the native addon cannot be loaded (${(error as Error).message}); build it with: ${build}`);
  }
}
