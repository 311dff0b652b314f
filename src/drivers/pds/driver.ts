/** The pds fwctl driver: pdsfc_ops of drivers/fwctl/pds/main.c, over the admin queue of one emulated DSC. */
import { DEVICE_TYPE } from '../../abi/fwctl.ts';
import type { AdminQueue } from '../../firmware/pds/adminq.ts';
import type { DoorGuard } from '../../fwctl/dialect.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import { PdsRpc } from './rpc.ts';

/** `guards`: what stands at the door, the innermost first. */
export function pdsFwctl(queue: AdminQueue, guards: readonly DoorGuard[] = []): FwctlOps<object> {
  const rpc = new PdsRpc(queue, guards);
  return {
    deviceType: DEVICE_TYPE.PDS,
    openUctx: () => ({}),
    closeUctx() {},
    // pdsfc_info() makes uctx_caps and never says how long they are: nobody gets them
    info: () => 0,
    fwRpc: (_uctx, asked) => rpc.exec(asked),
  };
}
