/** One RPC: pdsfc_fw_rpc() of drivers/fwctl/pds/main.c. */
import { Held } from '../../abi/held.ts';
import { type MessageBuffer, zero } from '../../abi/message-buffer.ts';
import { fwctlRpcPds } from '../../abi/pds/rpc.ts';
import type { AdminQueue, PdsCompletion } from '../../firmware/pds/adminq.ts';
import type { DoorGuard } from '../../fwctl/dialect.ts';
import type { FwctlRpc } from '../../fwctl/ops.ts';
import { type Call, FRAME } from '../../kernel/call.ts';
import { Errno } from '../../kernel/errno.ts';
import { Operations } from './operations.ts';
import { statusRefusal } from './status-errno.ts';

const TOO_SHORT = new Errno('EINVAL', 'in_len is below the 48 bytes of struct fwctl_rpc_pds', 'send at least 48 bytes');
const IN_UNREADABLE = new Errno('EFAULT', 'in.payload cannot be read for in.len bytes', 'map it readable');

const IN_PAYLOAD = FRAME.in + fwctlRpcPds.inPayload;
const OUT_PAYLOAD = FRAME.in + fwctlRpcPds.outPayload;
/** Places in the frame: the request's payload; the reply as the door has it, which is a header and the payload. */
const REQUEST = FRAME.buffers;
const REPLY = FRAME.buffers + 0x10000;
const RESPONSE = REPLY + fwctlRpcPds.bytes;

/** What of a frame goes to the firmware and comes from it. */
interface Payloads {
  readonly request: MessageBuffer;
  readonly response: MessageBuffer;
  /** The response behind a header of which `retval` alone is looked at. */
  readonly reply: MessageBuffer;
}

type Execute = (request: MessageBuffer, payloads: Payloads) => undefined | Held<undefined>;

export class PdsRpc {
  private readonly queue: AdminQueue;
  private readonly operations: Operations;
  private readonly execute: Execute;
  private readonly requestTooLong: Errno;
  private readonly responseTooLong: Errno;
  private readonly payloads = new WeakMap<ArrayBuffer, Payloads>();

  constructor(queue: AdminQueue, guards: readonly DoorGuard[]) {
    const { maxRequest, maxResponse } = queue;
    this.queue = queue;
    this.requestTooLong = tooLong("in.len is above the device's max_req_sz", `send at most ${maxRequest} bytes`);
    this.responseTooLong = tooLong("out.len is above the device's max_resp_sz", `ask for at most ${maxResponse} bytes`);
    this.operations = new Operations(queue);
    this.execute = guards.reduce<Execute>(guarded, (request, payloads) => this.post(request, payloads));
  }

  /**
   * Returns in_len: the reply is the request with `retval` in it. A completion's status is an errno; what the operation
   * itself says is `retval`. Throws EINVAL, EPERM, ENOMEM, EFAULT, the status's errno, or what delivery fails with.
   */
  exec({ scope, request, reply, call }: FwctlRpc): number | Held<number> {
    const { queue } = this;
    if (request.length < fwctlRpcPds.bytes) throw TOO_SHORT;
    const { view } = request;
    const inLength = view.getUint32(fwctlRpcPds.inLen, true);
    const outLength = view.getUint32(fwctlRpcPds.outLen, true);
    if (inLength > queue.maxRequest) throw this.requestTooLong;
    if (outLength > queue.maxResponse) throw this.responseTooLong;
    this.operations.admit(view.getUint32(fwctlRpcPds.ep, true), view.getUint32(fwctlRpcPds.op, true), scope);

    if (inLength !== 0 && call.copyFromUser(IN_PAYLOAD, 0, REQUEST, inLength) !== inLength) throw IN_UNREADABLE;
    const payloads = this.payloadsOf(call.buffer);
    payloads.request.length = inLength;
    payloads.response.length = outLength;
    payloads.reply.length = fwctlRpcPds.bytes + outLength;
    zero(payloads.response, outLength);
    const late = this.execute(request, payloads);
    return late === undefined ? answer(request, reply, call) : answerLate(late, request, reply, call);
  }

  private post({ view }: MessageBuffer, { request, response, reply }: Payloads): undefined | Held<undefined> {
    const ep = view.getUint32(fwctlRpcPds.ep, true);
    const completion = this.queue.rpc({ op: view.getUint32(fwctlRpcPds.op, true), ep, request, response });
    return completion instanceof Held ? completion.map((one) => complete(one, reply)) : complete(completion, reply);
  }

  private payloadsOf(frame: ArrayBuffer): Payloads {
    let payloads = this.payloads.get(frame);
    if (payloads === undefined) {
      payloads = { request: part(frame, REQUEST), response: part(frame, RESPONSE), reply: part(frame, REPLY) };
      this.payloads.set(frame, payloads);
    }
    return payloads;
  }
}

function tooLong(rule: string, remedy: string): Errno {
  return new Errno('EINVAL', rule, remedy);
}

function guarded(inner: Execute, guard: DoorGuard): Execute {
  return (request, payloads) => {
    if (!guard.active) return inner(request, payloads);
    return guard.pass(request, payloads.reply, () => inner(request, payloads));
  };
}

function complete({ status, err }: PdsCompletion, { view }: MessageBuffer): undefined {
  if (status !== 0) throw statusRefusal(status);
  view.setUint32(fwctlRpcPds.retval, err, true);
}

/** The response goes out first, all of it, whatever the firmware wrote. */
function answer({ length }: MessageBuffer, { view }: MessageBuffer, call: Call): number {
  const outLength = call.view.getUint32(FRAME.in + fwctlRpcPds.outLen, true);
  if (outLength !== 0) call.copyToUser(OUT_PAYLOAD, 0, RESPONSE, outLength);
  call.bytes.copyWithin(FRAME.out, FRAME.in, FRAME.in + length);
  view.setUint32(fwctlRpcPds.retval, call.view.getUint32(REPLY + fwctlRpcPds.retval, true), true);
  return length;
}

/** A function of its own, because a closure in `exec` would cost every RPC an allocation. */
function answerLate(late: Held<undefined>, request: MessageBuffer, reply: MessageBuffer, call: Call): Held<number> {
  return late.map(() => answer(request, reply, call));
}

function part(frame: ArrayBuffer, offset: number): MessageBuffer {
  return { bytes: new Uint8Array(frame, offset), view: new DataView(frame, offset), length: 0 };
}
