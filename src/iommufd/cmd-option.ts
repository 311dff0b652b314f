/** IOMMU_OPTION and IOMMU_VFIO_IOAS: iommufd_option() of main.c and ioas.c, iommufd_vfio_ioas() of vfio_compat.c. */
import { OPTION, OPTION_OP, option, VFIO_IOAS_OP, vfioIoas } from '../abi/iommufd.ts';
import { type Call, FRAME } from '../kernel/call.ts';
import { CAP_SYS_RESOURCE } from '../kernel/caller.ts';
import { Errno } from '../kernel/errno.ts';
import { respond } from '../kernel/ucmd.ts';
import type { IommufdContext } from './context.ts';
import { setU32, setU64, u16, u32, u64 } from './fields.ts';
import { ioasOf } from './ioas.ts';
import { RESERVED_NOT_ZERO } from './refusals.ts';
import { NO_VFIO_IOAS } from './vfio-ioas.ts';

const UNKNOWN_OPTION = new Errno('EOPNOTSUPP', 'no option has this option_id', 'use 0 (rlimit mode) or 1 (huge pages)');
const UNKNOWN_OP = new Errno('EOPNOTSUPP', 'no operation has this op', 'see enum iommufd_option_ops');
const UNKNOWN_VFIO_OP = new Errno('EOPNOTSUPP', 'no operation has this op', 'see enum iommufd_vfio_ioas_op');
const NOT_OF_AN_OBJECT = new Errno('EOPNOTSUPP', 'the rlimit mode is of the whole file, not of object_id', 'zero it');
const NOT_CAPABLE = new Errno('EPERM', 'setting the rlimit mode needs CAP_SYS_RESOURCE', 'run with CAP_SYS_RESOURCE');
const TOO_LATE = new Errno('EBUSY', 'the rlimit mode is fixed once an object exists', 'set it right after open');
const NOT_A_SWITCH = new Errno('EINVAL', 'val64 is neither 0 nor 1');
const VALUE_UNWRITABLE = new Errno('EFAULT', 'val64 cannot be written back; a SET has taken effect all the same');

/** Throws EOPNOTSUPP, EPERM, EBUSY, EINVAL, ENOENT, EADDRINUSE, EFAULT. val64 alone is written back, always. */
export function iommuOption(context: IommufdContext, call: Call): number {
  if (u16(call, option.reserved) !== 0) throw RESERVED_NOT_ZERO;
  const id = u32(call, option.optionId);
  if (id === OPTION.IOMMU_OPTION_RLIMIT_MODE) rlimitMode(context, call);
  else if (id === OPTION.IOMMU_OPTION_HUGE_PAGES) hugePages(context, call);
  else throw UNKNOWN_OPTION;
  call.copyToUser(FRAME.arg, option.val64, FRAME.ucmd + option.val64, 8);
  if (!call.commit()) throw VALUE_UNWRITABLE;
  return 0;
}

function rlimitMode(context: IommufdContext, call: Call): void {
  if (u32(call, option.objectId) !== 0) throw NOT_OF_AN_OBJECT;
  const op = u16(call, option.op);
  if (op === OPTION_OP.IOMMU_OPTION_OP_GET) setU64(call, option.val64, BigInt(context.rlimitMode));
  else if (op === OPTION_OP.IOMMU_OPTION_OP_SET) {
    if (!call.caller.capable(CAP_SYS_RESOURCE)) throw NOT_CAPABLE;
    if (context.objects.size > 0) throw TOO_LATE;
    context.rlimitMode = switchOf(call);
  } else throw UNKNOWN_OP;
}

function hugePages(context: IommufdContext, call: Call): void {
  const { pagetable } = ioasOf(context, u32(call, option.objectId));
  const op = u16(call, option.op);
  if (op === OPTION_OP.IOMMU_OPTION_OP_GET) setU64(call, option.val64, pagetable.hugePages ? 1n : 0n);
  else if (op === OPTION_OP.IOMMU_OPTION_OP_SET) pagetable.setHugePages(switchOf(call) === 1);
  else throw UNKNOWN_OP;
}

function switchOf(call: Call): 0 | 1 {
  const value = u64(call, option.val64);
  if (value > 1n) throw NOT_A_SWITCH;
  return value === 1n ? 1 : 0;
}

/** Which address space the VFIO type1 calls mean. Throws EOPNOTSUPP, ENODEV, ENOENT, EFAULT. */
export function iommuVfioIoas(context: IommufdContext, call: Call): number {
  if (u16(call, vfioIoas.reserved) !== 0) throw RESERVED_NOT_ZERO;
  switch (u16(call, vfioIoas.op)) {
    case VFIO_IOAS_OP.IOMMU_VFIO_IOAS_GET:
      if (context.vfioIoas === undefined) throw NO_VFIO_IOAS;
      setU32(call, vfioIoas.ioasId, context.vfioIoas.id);
      return respond(call, vfioIoas.bytes);
    case VFIO_IOAS_OP.IOMMU_VFIO_IOAS_SET:
      context.vfioIoas = ioasOf(context, u32(call, vfioIoas.ioasId));
      return 0;
    case VFIO_IOAS_OP.IOMMU_VFIO_IOAS_CLEAR:
      context.vfioIoas = undefined;
      return 0;
    default:
      throw UNKNOWN_VFIO_OP;
  }
}
