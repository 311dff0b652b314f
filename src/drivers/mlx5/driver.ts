/** The mlx5 fwctl driver: mlx5ctl_ops of drivers/fwctl/mlx5/main.c, over the mailbox of one emulated function. */
import { DEVICE_TYPE } from '../../abi/fwctl.ts';
import type { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { AbiProfile } from '../../abi/profiles.ts';
import type { Mailbox } from '../../firmware/mlx5/mailbox.ts';
import type { FwctlOps, FwctlRpc } from '../../fwctl/ops.ts';
import { queryUctxCaps, writeInfo } from './info.ts';
import { Mlx5Rpc } from './rpc.ts';
import { type Mlx5Uctx, UctxCommands } from './uctx.ts';

/** Asks the firmware once for its uctx capability, as mlx5_core at probe. Throws what that delivery fails with. */
export function mlx5Fwctl(mailbox: Mailbox, abi: AbiProfile): FwctlOps<Mlx5Uctx> {
  return new Mlx5Fwctl(mailbox, abi);
}

class Mlx5Fwctl implements FwctlOps<Mlx5Uctx> {
  readonly deviceType = DEVICE_TYPE.MLX5;
  private readonly uctxCaps: number;
  private readonly uctxs: UctxCommands;
  private readonly rpc: Mlx5Rpc;

  constructor(mailbox: Mailbox, abi: AbiProfile) {
    this.uctxCaps = queryUctxCaps(mailbox);
    this.uctxs = new UctxCommands(mailbox);
    this.rpc = new Mlx5Rpc(mailbox, abi);
  }

  openUctx(): Mlx5Uctx | Held<Mlx5Uctx> {
    return this.uctxs.create(this.uctxCaps);
  }

  closeUctx(uctx: Mlx5Uctx): void {
    this.uctxs.destroy(uctx);
  }

  info(uctx: Mlx5Uctx, data: MessageBuffer): number {
    return writeInfo(uctx, data);
  }

  fwRpc(uctx: Mlx5Uctx, rpc: FwctlRpc): number | Held<number> {
    return this.rpc.exec(uctx, rpc);
  }
}
