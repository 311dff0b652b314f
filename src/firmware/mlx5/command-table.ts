/**
 * Commands as rows, and the dispatcher: it checks what all have in common, opcode, lengths, uid, op_mod, the function's
 * state, in this order (unverified against hardware; only the statuses are known). Hot path: one array look-up, no
 * allocation.
 */
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { CommandLimits } from '../../abi/mlx5/command-limits.ts';
import { replyHeader, requestHeader } from '../../abi/mlx5/headers.ts';

/** A firmware's no: returned by handlers, never thrown. Made once, at load time. */
export interface Refusal {
  /** enum MLX5_CMD_STAT_*, 8 bits. */
  readonly status: number;
  /** 32 bits; 0: none. */
  readonly syndrome: number;
}

export interface CommandRow<Context> extends CommandLimits {
  /** Writes the reply after the status; undefined is success. On a refusal it has written nothing. */
  execute(request: MessageBuffer, reply: MessageBuffer, context: Context): Refusal | undefined;
}

/** The refusals of the dispatcher itself. */
export interface DispatchRefusals {
  readonly unknownOpcode: Refusal;
  readonly requestTooShort: Refusal;
  readonly replyTooShort: Refusal;
  readonly unknownUid: Refusal;
  readonly opMod: Refusal;
  readonly state: Refusal;
}

/** What the dispatcher asks of the device. */
export interface UidOwner {
  /** The function's state, a bit of HCA_STATE. */
  readonly hcaState: number;
  /** Whether a command of this uid (never 0) may run. */
  uidExists(uid: number): boolean;
}

const OPCODES = 0x10000;

export class CommandTable<Context extends UidOwner> {
  readonly rows: readonly CommandRow<Context>[];
  /** Opcode -> index in `rows` plus 1; 0: no such command. */
  private readonly index = new Uint16Array(OPCODES);
  private readonly refusals: DispatchRefusals;

  constructor(rows: readonly CommandRow<Context>[], refusals: DispatchRefusals) {
    this.rows = rows;
    this.refusals = refusals;
    rows.forEach((row, i) => {
      if (this.index[row.opcode] !== 0)
        throw new Error(`command ${row.name}: opcode 0x${row.opcode.toString(16)} twice`);
      this.index[row.opcode] = i + 1;
    });
  }

  /** Runs the command and writes status and syndrome; the reply's bytes in [0, reply.length) are zero on entry. */
  exec(request: MessageBuffer, reply: MessageBuffer, context: Context): void {
    const refusal = this.dispatch(request, reply, context);
    if (refusal !== undefined) writeRefusal(reply, refusal);
  }

  private dispatch(request: MessageBuffer, reply: MessageBuffer, context: Context): Refusal | undefined {
    const { refusals } = this;
    if (request.length < requestHeader.own) return refusals.requestTooShort;
    const { view } = request;
    const row = this.rows[(this.index[view.getUint16(requestHeader.opcode)] ?? 0) - 1];
    if (row === undefined) return refusals.unknownOpcode;
    if (request.length < row.minIn) return refusals.requestTooShort;
    if (reply.length < row.minOut) return refusals.replyTooShort;
    const uid = view.getUint16(requestHeader.uid);
    if (uid !== 0 && !context.uidExists(uid)) return refusals.unknownUid;
    const opMod = view.getUint16(requestHeader.opMod);
    if (opMod < row.opMod[0] || opMod > row.opMod[1]) return refusals.opMod;
    if ((row.states & context.hcaState) === 0) return refusals.state;
    return row.execute(request, reply, context);
  }
}

/** As much of status and syndrome as the reply has room for. */
function writeRefusal(reply: MessageBuffer, refusal: Refusal): void {
  if (reply.length > replyHeader.status) reply.view.setUint8(replyHeader.status, refusal.status);
  if (reply.length >= replyHeader.own) reply.view.setUint32(replyHeader.syndrome, refusal.syndrome);
}
