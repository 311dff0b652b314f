/**
 * User contexts: mlx5ctl_open_uctx(), mlx5ctl_close_uctx(), mlx5ctl_alloc_uid() and mlx5ctl_release_uid() of
 * drivers/fwctl/mlx5/main.c.
 */
import type { Held } from '../../abi/held.ts';
import { messageBuffer } from '../../abi/message-buffer.ts';
import { createUctx, destroyUctx, replyHeader, requestHeader } from '../../abi/mlx5/headers.ts';
import { OPCODE } from '../../abi/mlx5/opcodes.ts';
import type { Mailbox } from '../../firmware/mailbox.ts';
import { Errno } from '../../kernel/errno.ts';
import { createUctxRefusal } from './command-errno.ts';

/** What the firmware knows one open file by. */
export interface Mlx5Uctx {
  /** The uid of its commands, 16 bits. */
  readonly uid: number;
  /** The privileges asked for at creation: TOOLS_RESOURCES or 0. */
  readonly uctxCaps: number;
}

export class UctxCommands {
  private readonly mailbox: Mailbox;

  constructor(mailbox: Mailbox) {
    this.mailbox = mailbox;
  }

  /** CREATE_UCTX. Throws the errno of a refusing status, or what delivery fails with; both also out of `Held.get`. */
  create(uctxCaps: number): Mlx5Uctx | Held<Mlx5Uctx> {
    const request = messageBuffer(createUctx.inBytes);
    const reply = messageBuffer(createUctx.outBytes);
    request.view.setUint16(requestHeader.opcode, OPCODE.CREATE_UCTX);
    request.view.setUint32(createUctx.caps, uctxCaps);
    const late = this.mailbox.exec(request, reply);
    const created = (): Mlx5Uctx => {
      const status = reply.view.getUint8(replyHeader.status);
      if (status !== 0) throw createUctxRefusal(status);
      return { uid: reply.view.getUint16(createUctx.outUid), uctxCaps };
    };
    return late === undefined ? created() : late.map(created);
  }

  /** DESTROY_UCTX. As in the kernel, nobody is left who could hear of a failure. */
  destroy(uctx: Mlx5Uctx): void {
    const request = messageBuffer(destroyUctx.inBytes);
    const reply = messageBuffer(destroyUctx.outBytes);
    request.view.setUint16(requestHeader.opcode, OPCODE.DESTROY_UCTX);
    request.view.setUint16(destroyUctx.uid, uctx.uid);
    try {
      this.mailbox.exec(request, reply);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  }
}
