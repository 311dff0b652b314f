/** CREATE_UCTX, DESTROY_UCTX, QUERY_UCTX (mlx5_ifc.h): user contexts. */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { createUctx, destroyUctx } from '../../../abi/mlx5/headers.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { REFUSAL } from '../syndromes.ts';

export function execCreateUctx(request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device): Refusal | undefined {
  const caps = request.view.getUint32(createUctx.caps);
  if ((caps & ~device.caps.uctxCap) !== 0) return REFUSAL.UCTX_CAPS;
  const uid = device.uctxs.create(caps);
  if (uid === 0) return REFUSAL.UCTX_LIMIT;
  reply.view.setUint16(createUctx.outUid, uid);
  return undefined;
}

/** Whatever the context owns goes with it. */
export function execDestroyUctx(
  request: MessageBuffer,
  _reply: MessageBuffer,
  device: Mlx5Device,
): Refusal | undefined {
  const uid = request.view.getUint16(destroyUctx.uid);
  if (!device.uctxs.destroy(uid)) return REFUSAL.UCTX_UNKNOWN;
  device.objects.release(uid);
  return undefined;
}

/** Structures unverified (abi/mlx5/commands.ts): the uid as in DESTROY_UCTX, the caps as in CREATE_UCTX. */
export function execQueryUctx(request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device): Refusal | undefined {
  const caps = device.uctxs.caps(request.view.getUint16(destroyUctx.uid));
  if (caps === undefined) return REFUSAL.UCTX_UNKNOWN;
  reply.view.setUint32(createUctx.caps, caps);
  return undefined;
}
