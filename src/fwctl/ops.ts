/** The interface between the fwctl core and a driver: `struct fwctl_ops` of include/linux/fwctl.h. */
import type { Held } from '../abi/held.ts';
import type { MessageBuffer } from '../abi/message-buffer.ts';
import type { Call } from '../kernel/call.ts';
import type { Caller } from '../kernel/caller.ts';

/** One RPC as a driver gets it: the arguments of fw_rpc(), and the call, whose memory is the caller's. */
export interface FwctlRpc {
  /** enum fwctl_rpc_scope, of which the core has admitted it. */
  readonly scope: number;
  /** `length` is in_len. The call reads and writes at addresses in it, which stand at FRAME.in + offset. */
  readonly request: MessageBuffer;
  /** `length` is the user's out_len; the contents are undefined on entry (the driver zeroes what it answers). */
  readonly reply: MessageBuffer;
  readonly call: Call;
}

export interface FwctlOps<Uctx> {
  /** enum fwctl_device_type, 32 bits. */
  readonly deviceType: number;
  /** A new context for a new open file. Throws Errno, also out of `Held.get`, which becomes open's errno. */
  openUctx(caller: Caller): Uctx | Held<Uctx>;
  /** Called once for each opened context: at the last close, or at unregister, whichever comes first. Never throws. */
  closeUctx(uctx: Uctx): void;
  /**
   * The driver's part of FWCTL_INFO: writes its data at the start of `data.bytes`, returns their length in bytes.
   * Throws Errno, also out of `Held.get`. Absent: the length is 0 (mainline core only).
   */
  info?(uctx: Uctx, data: MessageBuffer, call: Call): number | Held<number>;
  /**
   * One RPC. Returns the driver's out_len, which may differ from the user's; min(both) bytes of the reply are copied
   * out. Throws Errno, also out of `Held.get`. A transport may break a call off with an exception of its own, and begin
   * it again with more of the caller's memory (`Call.ioctl`): until a driver has read all of that, it has no effect.
   */
  fwRpc(uctx: Uctx, rpc: FwctlRpc): number | Held<number>;
}
