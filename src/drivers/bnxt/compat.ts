/**
 * Requests as Broadcom's fwctl_client.py sends them (struct fwctl_rpc_bnxt of an earlier patch series): `in` says where
 * the HWRM request is. Only the client is public; what is refused with EINVAL is invented. Mainline's driver takes the
 * structure for a request itself.
 */

import { HWRM_MAX_REQ_LEN, requestHeader } from '../../abi/bnxt/hwrm.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import { FRAME } from '../../kernel/call.ts';
import { Errno } from '../../kernel/errno.ts';

/** struct fwctl_rpc_bnxt: u64 req, u32 req_len, u32 timeout (0: the driver's), u32 reserved[2], u64 reserved1. */
const RPC_BNXT = { req: 0, reqLen: 8, timeout: 12, reserved: 16, bytes: 32 } as const;

const IN_LEN = new Errno('EINVAL', 'in_len is not the 32 bytes of struct fwctl_rpc_bnxt', 'send that structure');
const RESERVED = new Errno('EINVAL', 'a reserved member is not 0', 'clear reserved and reserved1');
const REQ_LEN = new Errno('EINVAL', 'req_len is not 16 to 128, the lengths of HWRM requests', 'send 16 to 128 bytes');
const UNREADABLE = new Errno('EFAULT', 'the request at req cannot be read', 'map it readable for req_len bytes');

export function pointedRequests<Uctx>(ops: FwctlOps<Uctx>): FwctlOps<Uctx> {
  return {
    ...ops,
    fwRpc(uctx, rpc) {
      const { request, call } = rpc;
      if (request.length !== RPC_BNXT.bytes) throw IN_LEN;
      const length = request.view.getUint32(RPC_BNXT.reqLen, true);
      for (let at = RPC_BNXT.reserved; at < RPC_BNXT.bytes; at += 8)
        if (request.view.getBigUint64(at, true) !== 0n) throw RESERVED;
      if (length < requestHeader.bytes || length > HWRM_MAX_REQ_LEN) throw REQ_LEN;
      if (call.copyFromUser(FRAME.in + RPC_BNXT.req, 0, FRAME.buffers, length) < length) throw UNREADABLE;
      request.bytes.set(call.bytes.subarray(FRAME.buffers, FRAME.buffers + length));
      request.length = length;
      return ops.fwRpc(uctx, rpc);
    },
  };
}
