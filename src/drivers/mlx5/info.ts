/** FWCTL_INFO's device data: mlx5ctl_info() of drivers/fwctl/mlx5/main.c, and the capability that decides uctx_caps. */
import { type MessageBuffer, messageBuffer, zero } from '../../abi/message-buffer.ts';
import { fwctlInfoMlx5 } from '../../abi/mlx5/fwctl-info.ts';
import { hcaCapOpMod, queryHcaCap, replyHeader, requestHeader, UCTX_CAP } from '../../abi/mlx5/headers.ts';
import { OPCODE } from '../../abi/mlx5/opcodes.ts';
import type { Mailbox } from '../../firmware/mlx5/mailbox.ts';
import type { Mlx5Uctx } from './uctx.ts';

/** Capability type GENERAL (cmd_hca_cap). */
const GENERAL = 0;
/** cmd_hca_cap.uctx_cap: bit 0x6a0, 32 bits. */
const UCTX_CAP_OFFSET = queryHcaCap.data + 0x6a0 / 8;

/** Of one query after the other: thousands of devices are probed at a start. */
const request = messageBuffer(queryHcaCap.inBytes);
const reply = messageBuffer(queryHcaCap.outBytes);

/** fwctl_info_mlx5, little-endian; returns its length. */
export function writeInfo(uctx: Mlx5Uctx, data: MessageBuffer): number {
  data.view.setUint32(fwctlInfoMlx5.uid, uctx.uid, true);
  data.view.setUint32(fwctlInfoMlx5.uctxCaps, uctx.uctxCaps, true);
  return fwctlInfoMlx5.bytes;
}

/** The caps of every context: TOOLS_RESOURCES, 0 if not offered or refused. Throws what delivery fails with. */
export function queryUctxCaps(mailbox: Mailbox): number {
  zero(reply, queryHcaCap.outBytes);
  request.length = queryHcaCap.inBytes;
  reply.length = queryHcaCap.outBytes;
  request.view.setUint16(requestHeader.opcode, OPCODE.QUERY_HCA_CAP);
  request.view.setUint16(requestHeader.opMod, hcaCapOpMod(GENERAL, 'current'));
  mailbox.exec(request, reply);
  if (reply.view.getUint8(replyHeader.status) !== 0) return 0;
  return reply.view.getUint32(UCTX_CAP_OFFSET) & UCTX_CAP.TOOLS_RESOURCES;
}
