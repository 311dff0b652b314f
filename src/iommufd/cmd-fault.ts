/**
 * IOMMU_FAULT_QUEUE_ALLOC: a queue of page faults, which comes with a descriptor to read them from. Follows
 * drivers/iommu/iommufd/fault.c. Without hardware there never is a fault in it.
 */
import { faultQueueAlloc } from '../abi/iommufd.ts';
import type { AnonymousFile } from '../kernel/anonymous-file.ts';
import type { Call } from '../kernel/call.ts';
import { Errno } from '../kernel/errno.ts';
import { KernelObject, type ObjectType } from '../kernel/object-table.ts';
import { respond } from '../kernel/ucmd.ts';
import type { IommufdContext } from './context.ts';
import { setU32, u32 } from './fields.ts';
import { UNKNOWN_FLAGS } from './refusals.ts';

export const FAULT: ObjectType = { name: 'fault', order: 2 };

const NO_DESCRIPTOR = new Errno(
  'EMFILE',
  'no descriptor can be put into the calling process; FUSE and CUSE never can',
  'use the in-process transport to test fault queues',
);
const NOT_RECORDS = new Errno('ESPIPE', 'the length is not a multiple of the record', 'read 40 and write 8 bytes each');
const NO_SUCH_COOKIE = new Errno('EINVAL', 'no page fault that waits for an answer has this cookie');

/** struct iommu_hwpt_pgfault and iommu_hwpt_page_response, bytes. */
const PGFAULT_BYTES = 40;
const RESPONSE_BYTES = 8;
const POLLOUT = 4;

class FaultQueue extends KernelObject {
  constructor() {
    super(FAULT);
  }
}

/** Its descriptor: one user of the queue, and of the context. */
class FaultFile implements AnonymousFile {
  private readonly context: IommufdContext;
  private readonly queue: FaultQueue;

  constructor(context: IommufdContext, queue: FaultQueue) {
    this.context = context;
    this.queue = queue;
    queue.users++;
    context.getFile();
  }

  read(length: number): Uint8Array {
    if (length % PGFAULT_BYTES !== 0) throw NOT_RECORDS;
    return new Uint8Array(0);
  }

  write(bytes: Uint8Array): number {
    if (bytes.length % RESPONSE_BYTES !== 0) throw NOT_RECORDS;
    if (bytes.length > 0) throw NO_SUCH_COOKIE;
    return 0;
  }

  poll(): number {
    return POLLOUT;
  }

  release(): void {
    this.queue.users--;
    this.context.putFile();
  }
}

/** Throws EOPNOTSUPP, EMFILE; EFAULT, and then queue and descriptor are gone again. */
export function faultQueueAllocCommand(context: IommufdContext, call: Call): number {
  if (u32(call, faultQueueAlloc.flags) !== 0) throw UNKNOWN_FLAGS;
  const slot = call.caller.reserveDescriptor?.();
  if (slot === undefined) throw NO_DESCRIPTOR;
  const queue = new FaultQueue();
  context.objects.reserve(queue);
  setU32(call, faultQueueAlloc.outFaultId, queue.id);
  setU32(call, faultQueueAlloc.outFaultFd, slot.number);
  try {
    respond(call, faultQueueAlloc.bytes);
  } catch (error) {
    slot.putBack();
    context.objects.abort(queue);
    throw error;
  }
  context.objects.publish(queue);
  slot.install(new FaultFile(context, queue));
  return 0;
}
