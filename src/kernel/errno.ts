/**
 * The one exception of the layers above the firmware: an ioctl or open that is refused.
 * Caught in one place, transport/open-files.ts. Refusals are rows made once (no stack, no allocation per call):
 * `const TOO_LONG = new Errno('EMSGSIZE', 'in_len or out_len above 2 MiB', 'send at most 2097152 bytes')`.
 */
import { ERRNO, type ErrnoName } from '../abi/errno.ts';

export class Errno extends Error {
  /** Positive errno. */
  readonly errno: number;
  override readonly name: ErrnoName;
  /** The rule that refused, for the trace and for people: a clause without a full stop. */
  readonly rule: string;
  /** What makes the call pass, where that can be said. */
  readonly remedy: string | undefined;

  constructor(name: ErrnoName, rule: string, remedy?: string) {
    super(`${name}: ${rule}`);
    this.errno = ERRNO[name];
    this.name = name;
    this.rule = rule;
    this.remedy = remedy;
  }
}
