/** A fault as data: at what it strikes, what it does, and which of the matching calls it is for. parse.ts makes it from text. */
import type { FieldInput } from '../../../abi/bits.ts';
import type { ErrnoName } from '../../../abi/errno.ts';

/**
 * `open`: the driver's open. `info`: its part of FWCTL_INFO. `rpc`: a command of a program, where the driver delivers it. `ioctl`: one of
 * iommufd's, behind the checks of its number, size and structure.
 */
export type FaultWhat = 'open' | 'info' | 'rpc' | 'ioctl';

/** What the call must be; undefined takes any. */
export interface FaultSelectors {
  /** `fwctl0`, `iommu`. */
  device?: string;
  /** The calling thread's comm, whole. */
  comm?: string;
  /** 0 to 3. */
  scope?: number;
  /** 16 bits each. */
  opcode?: number;
  opMod?: number;
  /** Register number of an ACCESS_REG. */
  register?: number;
  /** Capability type of a QUERY_HCA_CAP. */
  cap?: number;
  /** The ioctl word. */
  command?: number;
}

/** What becomes of the call; several together are carried out in the order of this list. */
export interface FaultEffects {
  /** The device is unplugged while the call is in flight: it ends as usual, all later ones are ENODEV. */
  unplug?: true;
  /** The command does not reach the firmware. */
  error?: ErrnoName;
  /** The firmware refuses: 8 and 32 bits. */
  status?: number;
  syndrome?: number;
  /** The reply says that all went well, whatever the firmware said. */
  ok?: true;
  /** The reply's bytes from this one on are zero. */
  truncate?: number;
  /** That many bits of the reply, behind its header, are inverted; which, the seed says. */
  flip?: number;
  /** Reply fields by name; a number too large, and `max`, are the field's largest value. */
  set?: ReadonlyMap<string, FieldInput>;
  /** The length that the driver answers: itself, or added to the right one. */
  outLength?: { readonly relative: boolean; readonly value: number };
  /** The answer comes so much later, ms. */
  delayMs?: number;
  /** The answer comes when somebody releases the fault. */
  hang?: true;
}

/** Which of the matching calls, counted from 1: first, first + step, ... up to last; then by chance. */
export interface FaultWhen {
  first: number;
  step: number;
  /** Infinity: for good. */
  last: number;
  /** 0 to 1. */
  probability: number;
  seed: number;
  /** Strikes at most so often. */
  count: number;
}

export interface FaultSpec {
  /** As it was written. */
  readonly text: string;
  readonly what: FaultWhat;
  readonly selectors: FaultSelectors;
  readonly effects: FaultEffects;
  readonly when: FaultWhen;
}
