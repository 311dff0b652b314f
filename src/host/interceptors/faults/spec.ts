/** A fault as data: at what it strikes, what it does, for which of the matching calls. parse.ts makes it from text. */
import type { FieldInput } from '../../../abi/bits.ts';
import type { ErrnoName } from '../../../abi/errno.ts';
import type { Messages, Refusal, Selectors } from '../../../fwctl/dialect.ts';

/**
 * `open`: the driver's open. `info`: its part of FWCTL_INFO. `rpc`: a command of a program, where the driver delivers
 * it. `ioctl`: one of iommufd's, behind the checks of its number, size and structure.
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
  /** The ioctl word. */
  command?: number;
}

/** What becomes of the call; several together are carried out in the order of this list. */
export interface FaultEffects {
  /** The device is unplugged while the call is in flight: it ends as usual, all later ones are ENODEV. */
  unplug?: true;
  /** The command does not reach the firmware. */
  error?: ErrnoName;
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

/** What a driver's dialect has made of the keys that are its own. */
export interface DriversPart {
  readonly selectors: Selectors;
  /** What its firmware refuses with, after `error` and before the reply's changes; undefined: it does not. */
  readonly refusal: Refusal | undefined;
}

export interface FaultSpec {
  /** As it was written. */
  readonly text: string;
  readonly what: FaultWhat;
  readonly selectors: FaultSelectors;
  readonly effects: FaultEffects;
  readonly when: FaultWhen;
  /** By driver, those whose dialects know all such keys: only their devices are struck. Undefined: no such keys. */
  readonly own: ReadonlyMap<string, DriversPart> | undefined;
  /** By driver: for reply fields by name. */
  readonly messages: ReadonlyMap<string, Messages>;
}
