/**
 * The border between a subsystem's dispatch and its commands, where ioctls are commands themselves (iommufd): number,
 * size and structure are checked, nothing is done. Recorder, faults or a replay stand here, as at fwctl's drivers.
 */
import type { Held } from '../abi/held.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';

export interface IoctlCommand {
  /** The uAPI name, `IOMMU_IOAS_MAP`. */
  readonly name: string;
  /** The exact 32-bit ioctl word. */
  readonly number: number;
  /** Bytes of the structure, which stands at FRAME.ucmd; 0: the argument is a value or nothing. */
  readonly size: number;
  /** `context`: what its own subsystem has made of the open file. The non-negative return value. Throws Errno. */
  execute(context: unknown, call: Call): number | Held<number>;
}

/** The commands of one open file. */
export interface CommandFile {
  /** The non-negative return value. Throws Errno, also out of `Held.get`. */
  execute(command: IoctlCommand, call: Call): number | Held<number>;
  /** The last close. Never throws. */
  release(): void;
}

export interface CommandOps {
  /** Throws Errno, also out of `Held.get`. */
  open(caller: Caller): CommandFile | Held<CommandFile>;
}
