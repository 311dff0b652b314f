/** What a conformance case is run against. */
import type { UserMemory } from '../../src/transport/user-memory.ts';

export interface Target {
  /** The calling process's memory, with the arenas mapped. */
  readonly memory: UserMemory;
  /**
   * ioctl(2): the return value or a negative errno.
   * `fd` and `ctx` are the words of the case file: A, RAW, CLOSED ..., root, norawio, userns ...
   */
  ioctl(fd: string, ctx: string, cmd: bigint, argument: bigint): number;
  /** The uid that a clean FWCTL_INFO gave at open; 0 where there is none. */
  uid(fd: string): number;
  /** RPCs that have reached a firmware so far. */
  firmwareCalls(): number;
  /** `set PARAM VALUE`. */
  hook(words: string): void;
}
