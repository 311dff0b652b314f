/** Faults at the door of a firmware: mlx5_cmd_do() of mlx5_core's cmd.c, which fails to deliver, or delivers a refusal. */
import type { Held } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { requestHeader } from '../../../abi/mlx5/headers.ts';
import { OPCODE } from '../../../abi/mlx5/opcodes.ts';
import type { Mailbox } from '../../../firmware/mlx5/mailbox.ts';
import { changeReply, writeRefusal } from './reply.ts';
import { carryOut } from './strike.ts';
import type { FaultGate } from './fault-gate.ts';

export class FaultMailbox implements Mailbox {
  private readonly inner: Mailbox;
  private readonly gate: FaultGate;

  constructor(inner: Mailbox, gate: FaultGate) {
    this.inner = inner;
    this.gate = gate;
  }

  exec(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined> {
    const { inner, gate } = this;
    const { refusing } = gate;
    if (refusing !== undefined && request.view.getUint16(requestHeader.opcode) === OPCODE.CREATE_UCTX) {
      writeRefusal(refusing.effects, reply);
      return undefined;
    }
    if (gate.scope === undefined || !gate.plan.active) return inner.exec(request, reply);
    const strikes = gate.strikesAtRpc(request, gate.scope, true);
    if (strikes.length === 0) return inner.exec(request, reply);
    gate.struck = strikes;
    return carryOut<undefined>(strikes, gate.clock, {
      execute: () => inner.exec(request, reply),
      refuse: ({ effects }) => void writeRefusal(effects, reply),
      change: ({ effects, random }) => void changeReply(effects, random, request, reply),
      unplug: () => gate.unplug(),
    });
  }
}
