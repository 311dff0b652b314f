/** What a char-device subsystem gives to a transport: the emulated `struct file_operations`. */
import type { Held } from '../abi/held.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';

export interface FileOps {
  /** open(2). Throws Errno. `flags` are the O_* flags as FUSE passes them on. */
  open(caller: Caller, flags: number): OpenFile | Held<OpenFile>;
}

export interface OpenFile {
  /** unlocked_ioctl: the non-negative return value. Throws Errno, also out of `Held.get`. */
  ioctl(call: Call): number | Held<number>;
  /** release: the last close of this open file. Never throws. */
  release(): void;
}
