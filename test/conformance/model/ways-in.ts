/**
 * Three ways of an ioctl into the emulator, over the same pages: in this process; by thread id, as over FUSE and CUSE;
 * and by ioctl retry, where fuse_do_ioctl() of fs/fuse/ioctl.c is played: it copies the ranges asked for in order, and
 * says EFAULT itself.
 */
import { ERRNO } from '../../../src/abi/errno.ts';
import { FUSE_IOCTL_COMPAT, FUSE_IOCTL_RETRY, inHeader, ioctlIn, ioctlOut, outHeader } from '../../../src/abi/fuse.ts';
import { Held } from '../../../src/abi/held.ts';
import { FRAME } from '../../../src/kernel/call.ts';
import type { FileOps } from '../../../src/kernel/file-ops.ts';
import { FileRequests } from '../../../src/transport/fuse/file-requests.ts';
import { FuseBuffers } from '../../../src/transport/fuse/reply.ts';
import { CuseRetry } from '../../../src/transport/fuse/retry.ts';
import { InprocessTransport, plainCaller } from '../../../src/transport/inprocess.ts';
import type { OpenFilesEvents } from '../../../src/transport/open-files.ts';
import { ProcCaller, userNamespaceOf } from '../../../src/transport/proc-caller.ts';
import type { UserMemory } from '../../../src/transport/user-memory.ts';
import { FakeNative } from '../../unit/transport/fake-native.ts';
import type { WayIn } from './emulated.ts';
import type { ModelCaller } from './kernel-model.ts';

export function inProcess(memory: UserMemory): WayIn {
  const transport = new InprocessTransport(memory);
  return {
    caller: (wanted) => ({ ...wanted, compat: false }),
    open(fileOps) {
      const file = transport.openDevice(fileOps);
      return (cmd, argument, { capable, comm, pid }) => {
        const caller = plainCaller({ capable: () => capable, comm: () => comm, pid: () => pid });
        const answer = file.ioctl(cmd, argument, caller);
        if (answer instanceof Held) throw new Error('held, though nothing is slow');
        return answer;
      };
    },
  };
}

/** process_vm_readv() and process_vm_writev() of a thread whose memory is a UserMemory. */
class MemoryNative extends FakeNative {
  private readonly user: UserMemory;
  private readonly buffers: Uint8Array[] = [];

  constructor(user: UserMemory) {
    super();
    this.user = user;
  }

  override addFrame(buffer: ArrayBuffer): number {
    return this.buffers.push(new Uint8Array(buffer)) - 1;
  }

  override copyFromUser(index: number, _tid: number, pointer: number, skip: number, target: number, length: number) {
    const frame = this.bytesOf(index);
    return this.user.read(address(frame, pointer, skip), frame, target, length);
  }

  override commit(index: number, _tid: number, count: number): number {
    const frame = this.bytesOf(index);
    const queue = new Uint32Array(frame.buffer, FRAME.queue, count * 4);
    let error = 0;
    for (let i = 0; i < queue.length; i += 4) {
      const [pointer, skip, source, word] = queue.subarray(i, i + 4) as unknown as [number, number, number, number];
      const clears = source === 0xffffffff;
      // the highest bit of what is copied: also behind a fault
      const length = clears ? word : word & 0x7fffffff;
      if (error !== 0 && length === word) continue;
      const at = address(frame, pointer, skip);
      const done = clears ? this.user.clear(at, length) : this.user.write(at, frame, source, length);
      if (done !== length) error = -ERRNO.EFAULT;
    }
    return error;
  }

  private bytesOf(index: number): Uint8Array {
    return this.buffers[index] as Uint8Array;
  }
}

/** Addresses above 2^53 are rounded; nothing is mapped there. */
function address(frame: Uint8Array, pointer: number, skip: number): number {
  return Number(new DataView(frame.buffer).getBigUint64(pointer, true)) + skip;
}

/** What /proc says of this process, which is who calls. */
function thisProcess(): ModelCaller {
  const self = new ProcCaller();
  self.initialUserNamespace = userNamespaceOf('self') ?? '';
  self.tid = process.pid;
  return { capable: self.capable(17), comm: self.comm(), pid: process.pid, compat: false };
}

/** Sessions of /dev/fuse (`by thread id`) and /dev/cuse (`retry`), from their requests on. */
export function byRequests(memory: UserMemory, retry: boolean): WayIn {
  const native = new MemoryNative(memory);
  const buffers = new FuseBuffers(native);
  const bug = (error: unknown): never => {
    throw error;
  };
  const events: OpenFilesEvents = { bug, unreachable: bug };
  const namespace = userNamespaceOf('self') ?? '';
  const send = () => bug(new Error('a late answer, though nothing is slow'));
  const byRetry = retry ? (own: FileRequests) => new CuseRetry(own, buffers, true) : undefined;
  const requests = new FileRequests(buffers, namespace, events, send, byRetry);
  const self = thisProcess();
  return {
    ...(retry && { longest: MAX_BYTES - 32 }),
    caller: ({ compat }) => ({ ...self, compat }),
    open(fileOps: FileOps) {
      buffers.request.setUint32(inHeader.pid, process.pid, true);
      requests.open(fileOps, 0);
      const fh = buffers.reply.getUint32(outHeader.bytes, true);
      return (cmd, argument, { compat }) => {
        const flags = FUSE_IOCTL_UNRESTRICTED | (compat ? FUSE_IOCTL_COMPAT : 0);
        return doIoctl(requests, buffers, memory, fh, flags, cmd, argument);
      };
    },
  };
}

const FUSE_IOCTL_UNRESTRICTED = 1 << 1;

interface Range {
  readonly base: number;
  readonly length: number;
}

/** FUSE_IOCTL_MAX_IOV ranges, and as many pages as CUSE's requests have. */
const MAX_RANGES = 256;
const MAX_BYTES = 32 * 4096;

/** fuse_do_ioctl(), FUSE_IOCTL_UNRESTRICTED. The result or -errno. */
function doIoctl(
  requests: FileRequests,
  buffers: FuseBuffers,
  memory: UserMemory,
  fh: number,
  flags: number,
  cmd: number,
  argument: bigint,
): number {
  let reads: Range[] = [];
  let writes: Range[] = [];
  for (let round = 0; round < 2000; round++) {
    const { request, requestBytes, reply, replyBytes } = buffers;
    const body = inHeader.bytes;
    request.setUint32(inHeader.pid, process.pid, true);
    request.setBigUint64(body + ioctlIn.fh, BigInt(fh), true);
    request.setUint32(body + ioctlIn.flags, flags, true);
    request.setUint32(body + ioctlIn.cmd, cmd, true);
    request.setBigUint64(body + ioctlIn.arg, argument, true);
    if (total(reads) > MAX_BYTES || total(writes) > MAX_BYTES) return -ERRNO.ENOMEM;
    let at = body + ioctlIn.bytes;
    for (const { base, length } of reads) {
      if (memory.read(base, requestBytes, at, length) !== length) return -ERRNO.EFAULT;
      at += length;
    }
    request.setUint32(body + ioctlIn.inSize, total(reads), true);
    request.setUint32(body + ioctlIn.outSize, total(writes), true);
    const length = requests.ioctl();
    const error = reply.getInt32(outHeader.error, true);
    if (error !== 0) return error;
    at = outHeader.bytes;
    const result = reply.getInt32(at + ioctlOut.result, true);
    const again = (reply.getUint32(at + ioctlOut.flags, true) & FUSE_IOCTL_RETRY) !== 0;
    const counts = [ioctlOut.inIovs, ioctlOut.outIovs].map((field) => reply.getUint32(at + field, true));
    at += ioctlOut.bytes;
    if (again) {
      const [inCount = 0, outCount = 0] = counts;
      if (inCount + outCount > MAX_RANGES) return -ERRNO.ENOMEM;
      const ranges = Array.from({ length: inCount + outCount }, (_, i) => rangeAt(reply, at + 16 * i));
      reads = ranges.slice(0, inCount);
      writes = ranges.slice(inCount);
      continue;
    }
    if (length - at > total(writes)) return -ERRNO.EIO;
    for (const write of writes) {
      if (memory.write(write.base, replyBytes, at, write.length) !== write.length) return -ERRNO.EFAULT;
      at += write.length;
    }
    return result;
  }
  throw new Error('the rounds do not end');
}

function rangeAt(view: DataView, at: number): Range {
  return { base: Number(view.getBigUint64(at, true)), length: Number(view.getBigUint64(at + 8, true)) };
}

function total(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { length }) => sum + length, 0);
}
