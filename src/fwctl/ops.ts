/** The interface between the fwctl core and a driver: `struct fwctl_ops` of include/linux/fwctl.h. */
import type { Held } from '../abi/held.ts';
import type { MessageBuffer } from '../abi/message-buffer.ts';
import type { Caller } from '../kernel/caller.ts';

export interface FwctlOps<Uctx> {
  /** enum fwctl_device_type, 32 bits. */
  readonly deviceType: number;
  /** A new context for a new open file. Throws Errno, also out of `Held.get`, which becomes open's errno. */
  openUctx(caller: Caller): Uctx | Held<Uctx>;
  /** Called once for each opened context: at the last close, or at unregister, whichever comes first. Never throws. */
  closeUctx(uctx: Uctx): void;
  /**
   * The driver's part of FWCTL_INFO: writes its data at the start of `data.bytes`, returns their length in bytes.
   * Throws Errno. Absent: the length is 0 (mainline core only).
   */
  info?(uctx: Uctx, data: MessageBuffer): number;
  /**
   * One RPC. `request.length` is in_len, `reply.length` the user's out_len; the payload goes to `reply.bytes`, whose contents are
   * undefined on entry (the driver zeroes what it answers).
   * Returns the driver's out_len, which may differ from the user's; min(both) bytes are copied out. Throws Errno.
   */
  fwRpc(uctx: Uctx, scope: number, request: MessageBuffer, reply: MessageBuffer): number | Held<number>;
}
