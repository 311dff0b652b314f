/** The bnxt fwctl driver: bnxtctl_ops of drivers/fwctl/bnxt/main.c, over the HWRM channel of one emulated function. */
import { FWCTL_INFO_BYTES, UCTX_CAP } from '../../abi/bnxt/hwrm.ts';
import { DEVICE_TYPE } from '../../abi/fwctl.ts';
import type { AbiProfile } from '../../abi/profiles.ts';
import type { Hwrm } from '../../firmware/bnxt/hwrm.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import { BnxtRpc } from './rpc.ts';
import { hasBuffers } from './scopes.ts';

/** A context has nothing of its own. */
export type BnxtUctx = Readonly<Record<string, never>>;

export function bnxtFwctl(hwrm: Hwrm, abi: AbiProfile): FwctlOps<BnxtUctx> {
  const { INLINE_COMMANDS, QUERY_COMMANDS, SEND_COMMANDS, DMA_COMMANDS } = UCTX_CAP;
  const caps = INLINE_COMMANDS | QUERY_COMMANDS | SEND_COMMANDS | (hasBuffers(abi) ? DMA_COMMANDS : 0);
  const rpc = new BnxtRpc(hwrm, abi);
  return {
    deviceType: DEVICE_TYPE.BNXT,
    openUctx: () => ({}),
    closeUctx() {},
    info(_uctx, data) {
      data.view.setUint32(0, caps, true);
      return FWCTL_INFO_BYTES;
    },
    fwRpc: (_uctx, call) => rpc.exec(call),
  };
}
