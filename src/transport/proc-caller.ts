/** A caller that is a real thread of this machine: what /proc tells of it, asked only when it matters. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { Caller } from '../kernel/caller.ts';

const SIGKILL = 9;

export class ProcCaller implements Caller {
  tid = 0;
  uid = 0;
  gid = 0;
  /** Link text of the user namespace that plays the initial one, `user:[4026531837]`. */
  initialUserNamespace = '';

  comm(): string {
    return readProc(`/proc/${this.tid}/comm`).replace(/\n$/, '');
  }

  /** task_pid_nr(current): the thread's own id, which is what the kernel's warning prints. */
  pid(): number {
    return this.tid;
  }

  /** A SIGKILL waits for the thread, or it is gone. */
  killed(): boolean {
    const status = readProc(`/proc/${this.tid}/status`);
    const pending = [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm)];
    return status === '' || pending.some(([, mask]) => has(mask, SIGKILL - 1));
  }

  capable(cap: number): boolean {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readProc(`/proc/${this.tid}/status`))?.[1];
    if (!has(effective, cap)) return false;
    return userNamespaceOf(this.tid) === this.initialUserNamespace;
  }
}

/** Its supplementary groups. */
export function groupsOf(tid: number): number[] {
  const words = /^Groups:(.*)$/m.exec(readProc(`/proc/${tid}/status`))?.[1] ?? '';
  return words.trim().split(/\s+/).filter(Boolean).map(Number);
}

/** The link text of a thread's user namespace, or undefined when it cannot be read. */
export function userNamespaceOf(tid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${tid}/ns/user`);
  } catch {
    return undefined;
  }
}

/** The thread is blocked in a call to us and cannot leave, so that its files are there; '' all the same if not. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Whether a mask, hex digits as /proc writes it, has that bit. */
function has(mask: string | undefined, bit: number): boolean {
  return mask !== undefined && ((BigInt(`0x${mask}`) >> BigInt(bit)) & 1n) === 1n;
}
