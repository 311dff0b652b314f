/** User contexts: mlx5ctl_open_uctx(), _close_uctx(), _alloc_uid(), _release_uid() of drivers/fwctl/mlx5/main.c. */
import type { Held } from '../../abi/held.ts';
import { type MessageBuffer, messageBuffer } from '../../abi/message-buffer.ts';
import { createUctx, destroyUctx, replyHeader, requestHeader } from '../../abi/mlx5/headers.ts';
import { OPCODE } from '../../abi/mlx5/opcodes.ts';
import type { Mailbox } from '../../firmware/mlx5/mailbox.ts';
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
  /** Used again and again; a command whose answer is held keeps them. */
  private buffers: Buffers | undefined;

  constructor(mailbox: Mailbox) {
    this.mailbox = mailbox;
  }

  /** CREATE_UCTX. Throws the errno of a refusing status, or what delivery fails with; both also out of `Held.get`. */
  create(uctxCaps: number): Mlx5Uctx | Held<Mlx5Uctx> {
    const { request, reply } = this.clearBuffers(createUctx.inBytes);
    request.view.setUint16(requestHeader.opcode, OPCODE.CREATE_UCTX);
    request.view.setUint32(createUctx.caps, uctxCaps);
    const late = this.mailbox.exec(request, reply);
    if (late === undefined) return created(reply, uctxCaps);
    this.buffers = undefined;
    return late.map(() => created(reply, uctxCaps));
  }

  /** DESTROY_UCTX. As in the kernel, nobody is left who could hear of a failure. */
  destroy(uctx: Mlx5Uctx): void {
    const { request, reply } = this.clearBuffers(destroyUctx.inBytes);
    request.view.setUint16(requestHeader.opcode, OPCODE.DESTROY_UCTX);
    request.view.setUint16(destroyUctx.uid, uctx.uid);
    try {
      if (this.mailbox.exec(request, reply) !== undefined) this.buffers = undefined;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      this.buffers = undefined; // whoever refused to deliver it may still look at it
    }
  }

  private clearBuffers(requestBytes: number): Buffers {
    this.buffers ??= { request: messageBuffer(createUctx.inBytes), reply: messageBuffer(createUctx.outBytes) };
    this.buffers.request.bytes.fill(0);
    this.buffers.request.length = requestBytes;
    this.buffers.reply.bytes.fill(0);
    return this.buffers;
  }
}

/** For CREATE_UCTX and DESTROY_UCTX, whose request is the shorter one and whose reply is as long. */
interface Buffers {
  readonly request: MessageBuffer;
  readonly reply: MessageBuffer;
}

function created(reply: MessageBuffer, uctxCaps: number): Mlx5Uctx {
  const status = reply.view.getUint8(replyHeader.status);
  if (status !== 0) throw createUctxRefusal(status);
  return { uid: reply.view.getUint16(createUctx.outUid), uctxCaps };
}
