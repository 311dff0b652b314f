/**
 * The cxl fwctl driver: cxlctl_ops of drivers/cxl/core/features.c, over the mailbox of one memory device. It has no
 * info op and no contexts. Whatever becomes of a command in the device, the ioctl succeeds.
 */
import {
  CXL_OPCODE,
  featureEntry,
  getFeature,
  getSupported,
  rpcHeader,
  rpcReply,
  supportedReply,
} from '../../abi/cxl/features.ts';
import { DEVICE_TYPE } from '../../abi/fwctl.ts';
import { type Held, whenReleased } from '../../abi/held.ts';
import { type MessageBuffer, zero } from '../../abi/message-buffer.ts';
import type { CxlMailbox } from '../../firmware/cxl/mailbox.ts';
import type { DoorGuard } from '../../fwctl/dialect.ts';
import type { FwctlOps, FwctlRpc } from '../../fwctl/ops.ts';
import { Mutex } from '../../kernel/mutex.ts';
import { hasUserFeatures, shownEntry } from './features.ts';
import { EffectsRefusals } from './refusals.ts';
import { type Transferred, Transfers } from './transfer.ts';
import { validated } from './validate.ts';

type Execute = (request: MessageBuffer, reply: MessageBuffer) => undefined | Held<undefined>;

/** There is one for all open files: the driver keeps nothing of them. */
const CONTEXT = {};
/** Bytes of an entry in the list. */
const ENTRY = featureEntry.bytes;

/**
 * Undefined: devm_cxl_setup_fwctl() makes no fwctl device, for the memory device has no features of users.
 * `warn`: what the driver logs of the device, once.
 */
export function cxlFwctl(
  mailbox: CxlMailbox,
  guards: readonly DoorGuard[],
  warn: (text: string) => void = () => {},
): FwctlOps<unknown> | undefined {
  return hasUserFeatures(mailbox.features) ? new CxlFwctl(mailbox, guards, new EffectsRefusals(warn)) : undefined;
}

class CxlFwctl implements FwctlOps<unknown> {
  readonly deviceType = DEVICE_TYPE.CXL;
  private readonly mailbox: CxlMailbox;
  private readonly refusals: EffectsRefusals;
  /** feat_mutex: one transfer after another. */
  private readonly mutex = new Mutex();
  private readonly transfers: Transfers;
  private readonly door: Execute;

  constructor(mailbox: CxlMailbox, guards: readonly DoorGuard[], refusals: EffectsRefusals) {
    this.mailbox = mailbox;
    this.transfers = new Transfers(mailbox);
    this.refusals = refusals;
    const own: Execute = (request, reply) => this.execute(request, reply);
    // It stands around whole transfers, not around their pieces: a guard sees an RPC as its client does.
    this.door = guards.reduce<Execute>(
      (inner, guard) => (request, reply) =>
        guard.active ? guard.pass(request, reply, () => inner(request, reply)) : inner(request, reply),
      own,
    );
  }

  openUctx(): unknown {
    return CONTEXT;
  }

  closeUctx(): void {}

  /** Throws EINVAL or EPERM before the device is asked. */
  fwRpc(_uctx: unknown, rpc: FwctlRpc): number | Held<number> {
    const { request, reply } = rpc;
    validated(rpc, this.mailbox, this.refusals);
    // what a command answers that was not carried out; `execute` says how long the answer is otherwise
    zero(reply, rpcReply.header);
    reply.length = rpcReply.header;
    return whenReleased(this.door(request, reply), () => reply.length);
  }

  private execute(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined> {
    const opcode = request.view.getUint16(rpcHeader.opcode, true);
    if (opcode === CXL_OPCODE.GET_SUPPORTED_FEATURES) return this.getSupported(request, reply);
    if (opcode === CXL_OPCODE.GET_FEATURE) return this.getFeature(request, reply);
    return whenReleased(
      this.mutex.run(() => this.transfers.set(request)),
      ({ returnCode }) => putHead(reply, 0, returnCode),
    );
  }

  /** The answer's length counts the 8 bytes of the list's header twice. */
  private getSupported({ view }: MessageBuffer, reply: MessageBuffer): undefined {
    const { features } = this.mailbox;
    const start = view.getUint16(rpcHeader.bytes + getSupported.startIndex, true);
    const room = Math.floor(view.getUint32(rpcHeader.bytes + getSupported.count, true) / ENTRY);
    const entries = features.slice(start, start + room).map(shownEntry);
    const size = supportedReply.list + ENTRY * entries.length;
    reply.length = rpcReply.header + size;
    zero(reply, reply.length);
    putHead(reply, size, 0);
    reply.view.setUint16(rpcReply.payload + supportedReply.entries, entries.length, true);
    reply.view.setUint16(rpcReply.payload + supportedReply.total, features.length, true);
    for (const [i, entry] of entries.entries()) {
      reply.bytes.set(entry, rpcReply.payload + supportedReply.list + ENTRY * i);
    }
  }

  private getFeature(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined> {
    const count = request.view.getUint16(rpcHeader.bytes + getFeature.count, true);
    zero(reply, rpcReply.header + count);
    const ended = ({ whole, returnCode }: Transferred): undefined => {
      putHead(reply, whole ? count : 0, returnCode);
      if (whole) reply.length = rpcReply.header + count;
    };
    return whenReleased(
      this.mutex.run(() => this.transfers.get(request, reply)),
      ended,
    );
  }
}

function putHead({ view }: MessageBuffer, size: number, returnCode: number): undefined {
  view.setUint32(rpcReply.size, size, true);
  view.setUint32(rpcReply.retval, returnCode, true);
}
