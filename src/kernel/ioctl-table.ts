/**
 * Table dispatch of ioctls: which row a number names, what is checked before its command. Follows fwctl_fops_ioctl() of
 * drivers/fwctl/main.c and iommufd_fops_ioctl() of drivers/iommu/iommufd/main.c, which differ in an `IoctlPolicy`.
 */
import type { Held } from '../abi/held.ts';
import { type Call, FRAME } from './call.ts';
import { Errno } from './errno.ts';
import { copyStructFromUser, SIZE_UNREADABLE } from './ucmd.ts';

/** One ioctl: IOCTL_OP() of the kernel. */
export interface IoctlRow<File> {
  /** The uAPI name, e.g. `FWCTL_RPC`. */
  readonly name: string;
  /** The exact 32-bit ioctl word. */
  readonly number: number;
  /** Bytes of the structure as this kernel knows it. */
  readonly size: number;
  /** The smallest size word accepted: the end of the last mandatory member. */
  readonly minSize: number;
  /** The command; its structure stands at FRAME.ucmd. The non-negative return value. Throws Errno. */
  execute(file: File, call: Call): number | Held<number>;
}

/** How a subsystem differs in the checks before the command. */
export interface IoctlPolicy<File> {
  /** Size word below `minSize`: fwctl and mainline iommufd EINVAL, iommufd v3 EOPNOTSUPP. */
  readonly tooSmall: Errno;
  /** Whether an unknown number's size word is read first, so that a bad pointer is EFAULT before ENOTTY (iommufd). */
  readonly readsUnknown: boolean;
  /** Answers words of an nr outside [first, last] before anything is read (mainline iommufd: VFIO's). Throws Errno. */
  readonly outside?: {
    readonly first: number;
    readonly last: number;
    execute(file: File, call: Call): number | Held<number>;
  };
  /** Runs the command, where something stands around it (fwctl: the registration lock). Throws Errno. */
  readonly run?: (row: IoctlRow<File>, file: File, call: Call) => number | Held<number>;
}

export interface IoctlTable<File> {
  /** By _IOC_NR, 256 long. */
  readonly byNr: readonly (IoctlRow<File> | undefined)[];
  readonly policy: IoctlPolicy<File>;
}

/** Compiles rows into a table. Throws on two rows of one nr, and on a structure that the frame cannot hold. */
export function ioctlTable<File>(rows: readonly IoctlRow<File>[], policy: IoctlPolicy<File>): IoctlTable<File> {
  const byNr = new Array<IoctlRow<File> | undefined>(256).fill(undefined);
  for (const row of rows) {
    const nr = row.number & 0xff;
    if (byNr[nr] !== undefined) throw new Error(`ioctl table: nr ${nr} is both ${byNr[nr]?.name} and ${row.name}`);
    if (row.minSize < 4 || row.minSize > row.size) throw new Error(`ioctl table: ${row.name} has a bad minimum size`);
    if (row.size > FRAME.in - FRAME.ucmd) throw new Error(`ioctl table: ${row.name} is larger than a frame holds`);
    byNr[nr] = row;
  }
  return { byNr, policy };
}

export const UNKNOWN_NUMBER = new Errno(
  'ENOTTY',
  'the ioctl word is not a number of this device',
  'use the exact 32-bit number of the uAPI header; direction and size bits count',
);

const COMPAT_CALLER = new Errno(
  'ENOTTY',
  'the caller is a 32-bit program, and the device has no compat_ioctl',
  'build the program for 64 bits',
);

/**
 * One ioctl from its number to its answer. `call.cmd` and FRAME.arg are set by the transport. Throws Errno: ENOTTY,
 * EFAULT, the policy's too-small errno, E2BIG, and whatever the policy's `run` and the command throw.
 */
export function dispatchIoctl<File>(table: IoctlTable<File>, file: File, call: Call): number | Held<number> {
  if (call.compat) throw COMPAT_CALLER;
  const { policy } = table;
  const nr = call.cmd & 0xff;
  const { outside } = policy;
  if (outside !== undefined && (nr < outside.first || nr > outside.last)) return outside.execute(file, call);
  const row = table.byNr[nr];
  if (row === undefined || row.number !== call.cmd) {
    if (policy.readsUnknown && call.copyFromUser(FRAME.arg, 0, FRAME.ucmd, 4) !== 4) throw SIZE_UNREADABLE;
    throw UNKNOWN_NUMBER;
  }
  copyStructFromUser(call, row.size, row.minSize, policy.tooSmall);
  return policy.run === undefined ? row.execute(file, call) : policy.run(row, file, call);
}
