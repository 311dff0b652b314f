/**
 * The firmware of a function whose driver is not this machine's: commands pass as they were fetched from that driver's
 * queue, uid, scope and all, so that trace, counters, faults and recorder stand around them as around a client's.
 */
import { DEVICE_TYPE } from '../../abi/fwctl.ts';
import { zero } from '../../abi/message-buffer.ts';
import type { Mailbox } from '../../firmware/mlx5/mailbox.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';

/** The context of a function is its driver's alone. */
export type FunctionUctx = Readonly<Record<string, never>>;

export function mlx5Function(mailbox: Mailbox): FwctlOps<FunctionUctx> {
  return {
    deviceType: DEVICE_TYPE.MLX5,
    openUctx: () => ({}),
    closeUctx() {},
    fwRpc(_uctx, { request, reply }) {
      const { length } = reply;
      zero(reply, length);
      const late = mailbox.exec(request, reply);
      return late === undefined ? length : late.map(() => length);
    },
  };
}
