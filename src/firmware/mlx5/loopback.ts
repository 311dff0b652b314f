/**
 * A firmware that gives back what it was sent, in a form that shows every byte that counts; it stands in for a device
 * where the border above it is tested. Its own layout, that of the firmware which stood behind the recorded kernels:
 *   0 u8 status, 4 be32 syndrome, 16 be16 opcode, be16 uid, be16 op_mod, be16 0, be32 in length, be32 out length,
 *   be64 FNV-1a of the request with its uid zeroed, 16 characters; the rest 0, all of it cut at the length asked for.
 * A command with uid 0 is the driver's own: CREATE_UCTX, DESTROY_UCTX and QUERY_HCA_CAP are answered as the PRM says.
 */
import type { Clock } from '../../abi/clock.ts';
import { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import { createUctx, destroyUctx, queryHcaCap, replyHeader, requestHeader } from '../../abi/mlx5/headers.ts';
import { OPCODE } from '../../abi/mlx5/opcodes.ts';
import { STATUS } from '../../abi/mlx5/status.ts';
import type { Mailbox } from './mailbox.ts';

/** May be changed at any time; looked at in each command. */
export interface LoopbackOptions {
  /** cmd_hca_cap.uctx_cap: bit 2 is TOOLS_RESOURCES. */
  uctxCap: number;
  /** Status and syndrome of user RPCs. */
  status: number;
  syndrome: number;
  /** Status of CREATE_UCTX. */
  createUctxStatus: number;
  /** Called for each user RPC that arrived; what it throws is thrown by `exec`: the command was not delivered. */
  deliver: (() => void) | undefined;
  /** The same for CREATE_UCTX. */
  deliverCreateUctx: (() => void) | undefined;
  /** Told of each context that has come and gone. */
  created: ((uid: number) => void) | undefined;
  destroyed: ((uid: number) => void) | undefined;
  /** User RPCs answer this late, milliseconds; 0: at once. Needs the clock. */
  delayMs: number;
}

/** What has been asked of it so far. */
export interface LoopbackCounters {
  /** User RPCs that arrived, those that were not delivered too. */
  fwCalls: number;
  uctxCreated: number;
  uctxDestroyed: number;
}

/** cmd_hca_cap.uctx_cap: bit 0x6a0. */
const UCTX_CAP_OFFSET = queryHcaCap.data + 0x6a0 / 8;

const ECHO = replyHeader.bytes;
const TEXT = new TextEncoder().encode('LOOPBACK-FIRMWR!');
const ECHO_BYTES = 24 + TEXT.length;

export class Loopback implements Mailbox {
  readonly options: LoopbackOptions;
  readonly counters: LoopbackCounters = { fwCalls: 0, uctxCreated: 0, uctxDestroyed: 0 };
  private readonly clock: Clock | undefined;
  private readonly uids = new Set<number>();
  private readonly echoBytes = new Uint8Array(ECHO_BYTES);
  private readonly echoView = new DataView(this.echoBytes.buffer);

  constructor(options: Partial<LoopbackOptions> = {}, clock?: Clock) {
    this.options = {
      uctxCap: 4,
      status: 0,
      syndrome: 0,
      createUctxStatus: 0,
      deliver: undefined,
      deliverCreateUctx: undefined,
      created: undefined,
      destroyed: undefined,
      delayMs: 0,
      ...options,
    };
    this.clock = clock;
    this.echoBytes.set(TEXT, 24);
  }

  /** Contexts created and not destroyed. */
  get uctxLive(): number {
    return this.uids.size;
  }

  exec(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined> {
    if (request.view.getUint16(requestHeader.uid) !== 0) return this.userRpc(request, reply);
    const opcode = request.view.getUint16(requestHeader.opcode);
    if (opcode === OPCODE.CREATE_UCTX) this.createUctx(reply);
    else if (opcode === OPCODE.DESTROY_UCTX) this.destroyUctx(request, reply);
    else if (opcode === OPCODE.QUERY_HCA_CAP) reply.view.setUint32(UCTX_CAP_OFFSET, this.options.uctxCap);
    else reply.view.setUint8(replyHeader.status, STATUS.BAD_OP);
    return undefined;
  }

  private userRpc(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined> {
    const { options, clock, echoView } = this;
    this.counters.fwCalls++;
    options.deliver?.();
    reply.view.setUint8(replyHeader.status, options.status);
    reply.view.setUint32(replyHeader.syndrome, options.syndrome);
    echoView.setUint16(0, request.view.getUint16(requestHeader.opcode));
    echoView.setUint16(2, request.view.getUint16(requestHeader.uid));
    echoView.setUint16(4, request.view.getUint16(requestHeader.opMod));
    echoView.setUint32(8, request.length);
    echoView.setUint32(12, reply.length);
    fnv1a64(request, echoView, 16);
    const room = Math.min(ECHO_BYTES, reply.length - ECHO);
    for (let i = 0; i < room; i++) reply.view.setUint8(ECHO + i, echoView.getUint8(i));
    if (options.delayMs === 0 || clock === undefined) return undefined;
    const late = new Held<undefined>();
    clock.after(options.delayMs, () => late.release(() => undefined));
    return late;
  }

  private createUctx(reply: MessageBuffer): void {
    this.options.deliverCreateUctx?.();
    let uid = 1;
    while (this.uids.has(uid)) uid++;
    const status = uid > 0xffff ? STATUS.LIM_ERR : this.options.createUctxStatus;
    reply.view.setUint8(replyHeader.status, status);
    if (status !== 0) return;
    reply.view.setUint16(createUctx.outUid, uid);
    this.uids.add(uid);
    this.counters.uctxCreated++;
    this.options.created?.(uid);
  }

  private destroyUctx(request: MessageBuffer, reply: MessageBuffer): void {
    const uid = request.view.getUint16(destroyUctx.uid);
    if (this.uids.delete(uid)) {
      this.counters.uctxDestroyed++;
      this.options.destroyed?.(uid);
    } else reply.view.setUint8(replyHeader.status, STATUS.BAD_RES);
  }
}

/**
 * FNV-1a, 64 bits, of the request with bytes 2 and 3 taken as zero; written big-endian at `at`. In two 32-bit halves: a
 * bigint a byte would cost more than the rest of an RPC.
 */
function fnv1a64(request: MessageBuffer, target: DataView, at: number): void {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < request.length; i++) {
    const byte = i === 2 || i === 3 ? 0 : request.view.getUint8(i);
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x100000000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  target.setUint32(at, high);
  target.setUint32(at + 4, low);
}
