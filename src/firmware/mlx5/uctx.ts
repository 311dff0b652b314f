/**
 * User contexts: CREATE_UCTX, DESTROY_UCTX, QUERY_UCTX (mlx5_ifc.h). A uid is 16 bits, never 0 (0 is the kernel's own), and given
 * lowest free first, so that a run's numbers are the same every time; a real firmware promises distinct ones only.
 */
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import { createUctx, destroyUctx } from '../../abi/mlx5/headers.ts';
import type { Refusal } from './command-table.ts';
import type { Mlx5Device } from './device.ts';
import { REFUSAL } from './syndromes.ts';

const MAX_UID = 0xffff;

export class UctxTable {
  /** Capabilities of each open context, by uid. */
  private readonly open = new Map<number, number>();
  /** No uid below it is free. */
  private lowest = 1;
  private limit: number;

  /** `limit`: how many contexts may be open at once; at most 65535. */
  constructor(limit: number) {
    this.limit = Math.min(limit, MAX_UID);
  }

  /** Contexts above a lower limit stay open. */
  setLimit(limit: number): void {
    this.limit = Math.min(limit, MAX_UID);
  }

  /** Open contexts. */
  get size(): number {
    return this.open.size;
  }

  /** The new context's uid; 0 when all are taken. */
  create(caps: number): number {
    if (this.open.size >= this.limit) return 0;
    while (this.open.has(this.lowest)) this.lowest++;
    const uid = this.lowest++;
    this.open.set(uid, caps);
    return uid;
  }

  /** False: no such context. */
  destroy(uid: number): boolean {
    if (!this.open.delete(uid)) return false;
    if (uid < this.lowest) this.lowest = uid;
    return true;
  }

  has(uid: number): boolean {
    return this.open.has(uid);
  }

  caps(uid: number): number | undefined {
    return this.open.get(uid);
  }
}

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

/** Structures unverified (abi/mlx5/commands.ts): the uid stands where DESTROY_UCTX has it, the caps where CREATE_UCTX has them. */
export function execQueryUctx(request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device): Refusal | undefined {
  const caps = device.uctxs.caps(request.view.getUint16(destroyUctx.uid));
  if (caps === undefined) return REFUSAL.UCTX_UNKNOWN;
  reply.view.setUint32(createUctx.caps, caps);
  return undefined;
}
