/**
 * An ioctl or open that is refused: the one exception above the firmware, caught in transport/open-files.ts alone. Rows
 * made once (no stack, no allocation per call): `const TOO_LONG = new Errno('EMSGSIZE', RULE, REMEDY)`.
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
