/**
 * A connection by seccomp user notification: calls of a command's processes that a filter traps (native/filter.c). What
 * they do with an open device is as over FUSE; a path is looked at by `paths`, or, where the view is made by mounts, no
 * more than whether a device stands there.
 */
import { constants } from 'node:fs';
import { ERRNO } from '../../abi/errno.ts';
import { inHeader, OPCODE } from '../../abi/fuse.ts';
import { FileRequests } from '../fuse/file-requests.ts';
import type { FuseBuffers } from '../fuse/reply.ts';
import { type RequestHandler, Session, type SessionEvents } from '../fuse/session.ts';
import { NATIVE_DIRECTORY, type Native, NOTIFY_MODE, type NotifyNative } from '../native.ts';
import type { OpenFilesEvents } from '../open-files.ts';
import type { ProcCaller } from '../proc-caller.ts';
import { CALL, CallAnswers, deviceMark, FOUND, OPCODE_CALL, readCall, type TrappedCall } from './call.ts';
import { type KnownNode, type NotifyNodes, permission, wantedBy } from './nodes.ts';

/** What answers calls on paths; nobody where the view has mounts. */
export interface PathCalls {
  /** The directory of listings. */
  readonly shadow: string;
  /** Paths that are ours, for beginNotify(). */
  readonly prefixes: readonly string[];
  answer(call: TrappedCall, caller: ProcCaller, devices: Devices): number;
}

/** What a path that leads to a device is answered with; undefined: to none of ours, ENXIO. */
export interface Devices {
  readonly answers: CallAnswers;
  device(call: TrappedCall, known: KnownNode | undefined): number;
}

export interface NotifyOptions {
  /** Taken over. */
  readonly listener: number;
  readonly nodes: NotifyNodes;
  readonly userNamespace: string;
  /** Whose the nodes are, as the daemon sees that user; undefined: whom they say. */
  readonly owner: number | undefined;
  /** Look at each ioctl's descriptor, however soon after the last. */
  readonly verify: boolean;
  /** A path on the file system of placeholders; or who answers calls on paths. */
  readonly view: { readonly places: string; readonly prefixes: readonly string[] } | PathCalls;
}

export class NotifySession implements RequestHandler, Devices {
  readonly answers: CallAnswers;
  private readonly options: NotifyOptions;
  private readonly native: NotifyNative;
  private readonly buffers: FuseBuffers;
  private readonly requests: FileRequests;
  private readonly session: Session;
  private readonly paths: PathCalls | undefined;
  /** What was interrupted, once it is over. */
  private counted: number | undefined;

  /** Throws an Error where the listener cannot be served. */
  constructor(
    options: NotifyOptions,
    native: Native & NotifyNative,
    buffers: FuseBuffers,
    events: SessionEvents & OpenFilesEvents,
  ) {
    const { listener, userNamespace, verify, view } = options;
    this.options = options;
    this.native = native;
    this.buffers = buffers;
    this.answers = new CallAnswers(buffers);
    this.requests = new FileRequests(buffers, userNamespace, events, (length) => this.session.send(length));
    const paths = 'shadow' in view ? view : undefined;
    this.paths = paths;
    const [mode, places, shadow] =
      'shadow' in view ? [NOTIFY_MODE.paths, view.shadow, view.shadow] : [NOTIFY_MODE.mounts, view.places, ''];
    const keeper = new URL('keeper', NATIVE_DIRECTORY).pathname;
    const fd = native.beginNotify(listener, mode, verify ? 1 : 0, places, shadow, view.prefixes.join('\n'), keeper);
    if (fd < 0) throw new Error(`the listener of the seccomp filter cannot be served: errno ${-fd}`);
    this.session = new Session(fd, native, buffers, this, {
      ended: (errno) => {
        this.end();
        events.ended(errno);
      },
      bug: events.bug,
    });
  }

  /** Releases what was closed by now, without waiting for the turn of that: for who looks from outside. */
  settle(): void {
    for (;;) {
      const handle = this.counted === undefined ? this.native.notifyReleased(this.session.fd) : -1;
      const file = this.requests.files.get(handle);
      if (file === undefined) return;
      this.requests.files.close(file);
    }
  }

  /** Calls that a signal took back before we had them. */
  get interrupted(): number {
    return this.counted ?? this.native.notifyInterrupted(this.session.fd);
  }

  /** Callers that are not answered get ECONNABORTED; processes that live on are the keeper's. */
  close(): void {
    this.session.close();
    this.end();
  }

  private end(): void {
    if (this.counted !== undefined) return;
    this.counted = this.interrupted;
    this.native.endNotify(this.session.fd);
    this.requests.end();
  }

  handle(opcode: number): number {
    switch (opcode) {
      case OPCODE.IOCTL:
        return this.requests.ioctl();
      case OPCODE.RELEASE:
        return this.requests.release();
      case OPCODE_CALL:
        return this.call(readCall(this.buffers, this.buffers.request.getUint32(inHeader.len, true)));
      default:
        return this.buffers.refuse(ERRNO.ENOSYS);
    }
  }

  private call(call: TrappedCall): number {
    const { nodes } = this.options;
    if (call.found === FOUND.file) return this.device(call, nodes.get(call.value));
    if (call.found === FOUND.place) return this.deviceOrNone(call, nodes.atPlace(call.value));
    if (this.paths !== undefined) return this.paths.answer(call, this.requests.caller(), this);
    return this.deviceOrNone(call, call.call === CALL.open ? nodes.at(call.path) : undefined);
  }

  private deviceOrNone(call: TrappedCall, known: KnownNode | undefined): number {
    return known === undefined ? this.answers.goOn() : this.device(call, known);
  }

  /** A call on a device, by a descriptor or by a path that leads there. */
  device(call: TrappedCall, known: KnownNode | undefined): number {
    const { answers } = this;
    if (known === undefined) return answers.refuse(ERRNO.ENXIO);
    switch (call.call) {
      case CALL.ioctl: // of a placeholder, which an open for reading has led to
        return this.requests.open(known.node.fileOps, deviceMark(known.index));
      case CALL.open:
        return this.open(call, known);
      case CALL.stat:
      case CALL.statx:
        return answers.attributes((view, at) => this.options.nodes.put(known, view, at));
      case CALL.access:
        return this.answerErrno(this.permission(known, call.flags & 7));
      case CALL.readlink:
        if (!call.itself) return answers.refuse(ERRNO.EINVAL);
        return answers.bytes(known.gone ? `${known.path} (deleted)` : known.path, call.room);
      case CALL.chdir:
        return answers.refuse(ERRNO.ENOTDIR);
      case CALL.chmod: {
        const { uid } = this.requests.caller();
        if (uid !== 0 && uid !== (this.options.owner ?? known.node.uid)) return answers.refuse(ERRNO.EPERM);
        this.options.nodes.attributes.chmod(known.node, call.flags);
        return answers.value(0);
      }
      case CALL.getxattr:
        return answers.refuse(ERRNO.ENODATA);
      case CALL.listxattr:
        return answers.value(0);
      default:
        return answers.goOn();
    }
  }

  private open({ flags }: TrappedCall, known: KnownNode): number {
    const { O_CREAT, O_EXCL, O_DIRECTORY } = constants;
    if ((flags & O_PATH) !== 0) return this.answers.goOn();
    if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) return this.answers.refuse(ERRNO.EEXIST);
    if ((flags & O_DIRECTORY) !== 0) return this.answers.refuse(ERRNO.ENOTDIR);
    // do_dentry_open() of fs/open.c: no device of ours has direct I/O, and it is asked last
    const direct = (flags & constants.O_DIRECT) === 0 ? 0 : ERRNO.EINVAL;
    const errno = this.permission(known, wantedBy(flags)) || direct;
    return errno === 0 ? this.requests.open(known.node.fileOps, deviceMark(known.index)) : this.answers.refuse(errno);
  }

  private permission(known: KnownNode, wanted: number): number {
    const { nodes, owner } = this.options;
    return permission(nodes.rights(known), this.requests.caller(), wanted, owner);
  }

  private answerErrno(errno: number): number {
    return errno === 0 ? this.answers.value(0) : this.answers.refuse(errno);
  }
}

/** include/uapi/asm-generic/fcntl.h; Node has no name for it. */
export const O_PATH = 0o10000000;
