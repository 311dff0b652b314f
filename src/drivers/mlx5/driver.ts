/** The mlx5 fwctl driver: mlx5ctl_ops of drivers/fwctl/mlx5/main.c, over the mailbox of one emulated function. */
import { DEVICE_TYPE } from '../../abi/fwctl.ts';
import type { AbiProfile } from '../../abi/profiles.ts';
import type { Mailbox } from '../../firmware/mailbox.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import { queryUctxCaps, writeInfo } from './info.ts';
import { Mlx5Rpc } from './rpc.ts';
import { type Mlx5Uctx, UctxCommands } from './uctx.ts';

/**
 * Asks the firmware for its uctx capability, once, as mlx5_core does at probe. Throws what that command's delivery fails with.
 */
export function mlx5Fwctl(mailbox: Mailbox, abi: AbiProfile): FwctlOps<Mlx5Uctx> {
  const uctxCaps = queryUctxCaps(mailbox);
  const uctxs = new UctxCommands(mailbox);
  const rpc = new Mlx5Rpc(mailbox, abi);
  return {
    deviceType: DEVICE_TYPE.MLX5,
    openUctx: () => uctxs.create(uctxCaps),
    closeUctx: (uctx) => uctxs.destroy(uctx),
    info: writeInfo,
    fwRpc: (uctx, scope, request, reply) => rpc.exec(uctx, scope, request, reply),
  };
}
