/** IOMMU_DESTROY and IOMMU_IOAS_ALLOC: iommufd_destroy() of main.c, iommufd_ioas_alloc_ioctl() of ioas.c. */
import type { Held } from '../abi/held.ts';
import { destroy, ioasAlloc } from '../abi/iommufd.ts';
import type { Call } from '../kernel/call.ts';
import { respond } from '../kernel/ucmd.ts';
import type { IommufdContext } from './context.ts';
import { setU32, u32 } from './fields.ts';
import { Ioas } from './ioas.ts';
import { UNKNOWN_FLAGS } from './refusals.ts';

/** Throws ENOENT, EBUSY. Nothing is written back. */
export function iommuDestroy(context: IommufdContext, call: Call): number | Held<number> {
  return context.objects.destroy(u32(call, destroy.id));
}

/** Throws EOPNOTSUPP; EFAULT, and then the address space is gone again. */
export function ioasAllocCommand(context: IommufdContext, call: Call): number {
  if (u32(call, ioasAlloc.flags) !== 0) throw UNKNOWN_FLAGS;
  const ioas = new Ioas(context.largestAlignment, (ioas) => context.forget(ioas));
  context.objects.reserve(ioas);
  setU32(call, ioasAlloc.outIoasId, ioas.id);
  try {
    respond(call, ioasAlloc.bytes);
  } catch (error) {
    context.objects.abort(ioas);
    throw error;
  }
  context.objects.publish(ioas);
  return 0;
}
