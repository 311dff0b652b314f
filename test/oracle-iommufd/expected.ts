/**
 * Records in which a transport or this machine cannot be the
 * recorder's, each group with its reason. All others must be equal.
 */
import { readFileSync } from 'node:fs';
import type { Difference } from './compare.ts';
import type { Transport } from './serve.ts';

export interface Exception {
  readonly reason: string;
  /** `faultQueue`: a fault queue was made earlier in the record's sequence, or should have been. */
  matches(difference: Difference, faultQueue: boolean): boolean;
}

export const CAP_SYS_RESOURCE = 24;

/** Sequences in which the kernel cannot write the answer of an ioctl that made an object. */
const ANSWER_UNWRITABLE = /^(cmdsize\/IOAS_ALLOC arg=@(ro|endro-[48])|ioas\/alloc|mock\/abort)\//;

/** The exceptions of a run on this machine. */
export function exceptions(transport: Transport): readonly Exception[] {
  const list: Exception[] = [
    {
      reason: 'no descriptor can be put into a caller over FUSE or CUSE: FAULT_QUEUE_ALLOC is EMFILE, and what follows',
      matches: (_, faultQueue) => faultQueue,
    },
  ];
  if (transport === 'cuse-retry') {
    list.push({
      reason: 'by retry the kernel writes the answer, and says EFAULT itself, when the object has been made already',
      matches: ({ golden }) => ANSWER_UNWRITABLE.test(golden.id),
    });
  }
  if (!hasCapability(CAP_SYS_RESOURCE)) {
    list.push({
      reason: 'root has no CAP_SYS_RESOURCE here: setting the rlimit mode is EPERM, and what follows',
      matches: ({ golden }) => /\/(option-rlimit|rlimit-mode)\//.test(golden.id),
    });
  }
  return list;
}

export function hasCapability(bit: number): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 1n;
}
