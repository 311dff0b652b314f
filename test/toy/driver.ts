/** The toy's ops and its firmware. */
import type { Held } from '../../src/abi/held.ts';
import type { MessageBuffer } from '../../src/abi/message-buffer.ts';
import type { DoorGuard } from '../../src/fwctl/dialect.ts';
import type { FwctlOps, FwctlRpc } from '../../src/fwctl/ops.ts';
import { FRAME } from '../../src/kernel/call.ts';
import { Errno } from '../../src/kernel/errno.ts';
import { reply as replyAt, request as requestAt, TOY_TYPE, WORD } from './words.ts';

const TOO_SHORT = new Errno('EMSGSIZE', 'a message is below 20 bytes, or its reply below 8', 'send 20, ask for 8');
const TOO_MUCH = new Errno('E2BIG', 'the buffer is above 128 KiB', 'give a smaller one');
const FAULT = new Errno('EFAULT', 'the buffer is not memory of the caller', 'give an address that is');

const MOST = 0x20000;

type Execute = (request: MessageBuffer, reply: MessageBuffer) => undefined | Held<undefined>;

export class ToyFwctl implements FwctlOps<object> {
  readonly deviceType = TOY_TYPE;
  private readonly execute: Execute;

  constructor(guards: readonly DoorGuard[]) {
    this.execute = guards.reduce<Execute>(
      (inner, guard) => (request, reply) => guard.pass(request, reply, () => inner(request, reply)),
      firmware,
    );
  }

  openUctx(): object {
    return {};
  }

  closeUctx(): void {}

  fwRpc(_uctx: object, { request, reply, call }: FwctlRpc): number | Held<number> {
    if (request.length < requestAt.bytes || reply.length < replyAt.bytes) throw TOO_SHORT;
    const buffer = FRAME.in + requestAt.buffer;
    const length = request.view.getUint32(requestAt.bufferBytes, true);
    const inverts = request.view.getUint32(requestAt.word, true) === WORD.INVERT;
    if (length > MOST) throw TOO_MUCH;
    if (inverts && call.copyFromUser(buffer, 0, FRAME.buffers, length) < length) throw FAULT;

    const done = () => {
      if (inverts && reply.view.getUint32(replyAt.status, true) === 0) {
        for (let at = FRAME.buffers; at < FRAME.buffers + length; at++) call.bytes[at] = ~(call.bytes[at] as number);
        call.copyToUser(buffer, 0, FRAME.buffers, length);
      }
      return replyAt.bytes;
    };
    const late = this.execute(request, reply);
    return late === undefined ? done() : late.map(done);
  }
}

function firmware(request: MessageBuffer, reply: MessageBuffer): undefined {
  reply.view.setUint32(replyAt.status, 0, true);
  reply.view.setUint32(replyAt.value, request.view.getUint32(requestAt.value, true) * 2, true);
}
