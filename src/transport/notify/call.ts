/**
 * The two forms in which a system call by notification and its answer pass between native/notify.c and here: bodies of
 * a request and of a reply. IOCTL and RELEASE have FUSE's own forms; an opened device is answered as FUSE's OPEN is.
 */
import { attr } from '../../abi/fuse.ts';
import { type FuseBuffers, REPLY_BODY, REQUEST_BODY } from '../fuse/reply.ts';

/** The opcode of every other call. */
export const OPCODE_CALL = 0x1000;

/** enum trapped_call of native/trapped.h. */
export const CALL = {
  ioctl: 0,
  open: 1,
  stat: 2,
  statx: 3,
  access: 4,
  readlink: 5,
  chdir: 6,
  getcwd: 7,
  getxattr: 8,
  listxattr: 9,
  chmod: 10,
} as const;

/** enum found of native/notify.h. */
export const FOUND = { file: 1, place: 2, path: 3 } as const;

/** struct call_request; `flags` stand where FUSE has those of an open. */
const callRequest = { flags: 0, call: 4, found: 8, room: 12, value: 16, path: 24 } as const;
const FOUND_MASK = 0xff;
const DETACHED = 0x100;
const ITSELF = 0x200;

/** struct call_answer, and enum answer. */
const callAnswer = { value: 0, kind: 8, extra: 12, bytes: 16 } as const;
const ANSWER = {
  goOn: 0,
  value: 1,
  descriptor: 2,
  device: 3,
  attributes: 4,
  statOf: 5,
  bytes: 6,
  enter: 7,
} as const;

export interface TrappedCall {
  /** CALL's. */
  readonly call: number;
  /** O_*, AT_*, or the mode of access(2) and chmod(2). */
  readonly flags: number;
  /** FOUND's: what the call is about. */
  readonly found: number;
  /** Of a file: its node's number; of a placeholder: its inode. */
  readonly value: number;
  /** Absolute, as the caller has it; '' of a file and of a placeholder. */
  readonly path: string;
  /** The caller's own kernel would look for the path elsewhere. */
  readonly detached: boolean;
  /** The path named a descriptor: /proc/self/fd/3. */
  readonly itself: boolean;
  /** Bytes that the caller has room for. */
  readonly room: number;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The call of the request in the buffers. */
export function readCall({ request, requestBytes }: FuseBuffers, bytes: number): TrappedCall {
  const word = (field: number) => request.getUint32(REQUEST_BODY + field, true);
  const found = word(callRequest.found);
  return {
    call: word(callRequest.call),
    flags: word(callRequest.flags),
    found: found & FOUND_MASK,
    value: Number(request.getBigUint64(REQUEST_BODY + callRequest.value, true)),
    path: decoder.decode(requestBytes.subarray(REQUEST_BODY + callRequest.path, bytes - 1)),
    detached: (found & DETACHED) !== 0,
    itself: (found & ITSELF) !== 0,
    room: word(callRequest.room),
  };
}

/** What FileRequests.open() is to put beside the handle, so that the caller gets a file of the node of that number. */
export function deviceMark(node: number): number {
  return (node << 8) | ANSWER.device;
}

/** Answers to the call in the request buffer: each the message's length. */
export class CallAnswers {
  private readonly buffers: FuseBuffers;

  constructor(buffers: FuseBuffers) {
    this.buffers = buffers;
  }

  /** The caller's kernel carries the call out. */
  goOn(): number {
    return this.put(ANSWER.goOn, 0, 0, 0);
  }

  value(value: number): number {
    return this.put(ANSWER.value, value, 0, 0);
  }

  /** The caller gets a copy of the descriptor, which stays ours. `flags`: O_CLOEXEC or not. */
  descriptor(fd: number, flags: number): number {
    return this.put(ANSWER.descriptor, fd, flags, 0);
  }

  /** What stat(2) says; `fill` writes a fuse_attr at the offset that it is given. */
  attributes(fill: (view: DataView, at: number) => void): number {
    const length = this.put(ANSWER.attributes, 0, 0, attr.bytes);
    fill(this.buffers.reply, REPLY_BODY + callAnswer.bytes);
    return length;
  }

  /** The same as of the machine's own file of that path. */
  statOf(path: string): number {
    return this.text(ANSWER.statOf, 0, 0, path);
  }

  /** Bytes written to where the caller wants them, without an end; returns their number. */
  bytes(text: string, room: number): number {
    const length = Math.min(encoder.encode(text).length, room);
    return this.text(ANSWER.bytes, length, length, text);
  }

  /** The caller's working directory is that path from now on. */
  enter(path: string): number {
    return this.text(ANSWER.enter, 0, 0, path);
  }

  refuse(errno: number): number {
    return this.buffers.refuse(errno);
  }

  private text(kind: number, value: number, extra: number, text: string): number {
    const bytes = encoder.encode(`${text}\0`);
    const length = this.put(kind, value, extra, bytes.length);
    this.buffers.replyBytes.set(bytes, REPLY_BODY + callAnswer.bytes);
    return length;
  }

  private put(kind: number, value: number, extra: number, more: number): number {
    const { reply } = this.buffers;
    this.buffers.clearBody(callAnswer.bytes + more);
    reply.setBigInt64(REPLY_BODY + callAnswer.value, BigInt(value), true);
    reply.setUint32(REPLY_BODY + callAnswer.kind, kind, true);
    reply.setUint32(REPLY_BODY + callAnswer.extra, extra, true);
    return this.buffers.answer(callAnswer.bytes + more);
  }
}
