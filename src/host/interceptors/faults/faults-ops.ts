/** Faults at the border between the fwctl core and a driver. */
import { DEVICE_TYPE, MAX_RPC_LEN } from '../../../abi/fwctl.ts';
import { Held, whenReleased } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { Strike } from './plan.ts';
import { changeBytes, changeReply, refuses, writeRefusal } from './reply.ts';
import { carryOut } from './strike.ts';
import type { FaultGate } from './fault-gate.ts';

export class FaultOps<Uctx> implements FwctlOps<Uctx> {
  readonly deviceType: number;
  /** Undefined where the driver has none. */
  readonly info: FwctlOps<Uctx>['info'];
  private readonly inner: FwctlOps<Uctx>;
  private readonly gate: FaultGate;

  constructor(inner: FwctlOps<Uctx>, gate: FaultGate) {
    this.deviceType = inner.deviceType;
    this.info = inner.info && this.faultyInfo;
    this.inner = inner;
    this.gate = gate;
  }

  openUctx(caller: Caller): Uctx | Held<Uctx> {
    const { inner, gate } = this;
    if (!gate.plan.active) return inner.openUctx(caller);
    const strikes = gate.strikesAt('open', caller);
    if (strikes.length === 0) return inner.openUctx(caller);
    const refusing = gate.hasMailbox ? strikes.find(({ effects }) => refuses(effects)) : undefined;
    const execute = (): Uctx | Held<Uctx> => {
      gate.refusing = refusing;
      try {
        return inner.openUctx(caller);
      } finally {
        gate.refusing = undefined;
      }
    };
    return carryOut<Uctx>(strikes, gate.clock, {
      execute,
      // The driver makes an errno of what its firmware says; without one, there is nobody who could refuse.
      refuse: execute,
      change: (_strike, uctx) => uctx,
      unplug: () => gate.unplug(),
    });
  }

  closeUctx(uctx: Uctx): void {
    this.inner.closeUctx(uctx);
  }

  private faultyInfo(uctx: Uctx, data: MessageBuffer): number {
    const { inner, gate } = this;
    const strikes = gate.plan.active ? gate.strikesAt('info') : [];
    if (strikes.length === 0) return inner.info?.(uctx, data) ?? 0;
    let right = 0;
    const execute = () => {
      right = inner.info?.(uctx, data) ?? 0;
      return right;
    };
    const answer = carryOut<number>(strikes, gate.clock, {
      execute,
      refuse: execute,
      change({ effects, random }, length) {
        changeBytes(effects, random, data.bytes, length, 0);
        return length;
      },
      unplug: () => gate.unplug(),
    });
    // The op answers at once; who waits is the ioctl (faults-file.ts). A failure is told when the wait is over.
    if (answer instanceof Held) gate.infoHold = answer;
    return strikes.reduce(changedLength, right);
  }

  fwRpc(uctx: Uctx, scope: number, request: MessageBuffer, reply: MessageBuffer): number | Held<number> {
    const { inner, gate } = this;
    if (!gate.plan.active) return inner.fwRpc(uctx, scope, request, reply);
    if (!gate.hasMailbox) return this.struckRpc(uctx, scope, request, reply);
    gate.scope = scope;
    gate.struck = [];
    try {
      return withLengths(inner.fwRpc(uctx, scope, request, reply), gate.struck);
    } finally {
      gate.scope = undefined;
    }
  }

  /** Of a driver that answers itself. */
  private struckRpc(uctx: Uctx, scope: number, request: MessageBuffer, reply: MessageBuffer): number | Held<number> {
    const { inner, gate } = this;
    const { length } = request;
    const asked = reply.length;
    const mlx5 = this.deviceType === DEVICE_TYPE.MLX5;
    const strikes = gate.strikesAtRpc(request, scope, mlx5);
    if (strikes.length === 0) return inner.fwRpc(uctx, scope, request, reply);
    const answer = carryOut<number>(strikes, gate.clock, {
      execute: () => inner.fwRpc(uctx, scope, request, reply),
      refuse({ effects }) {
        reply.length = asked;
        writeRefusal(effects, reply);
        return asked;
      },
      change({ effects, random }, answered) {
        const bytes = { ...reply, length: Math.min(answered, MAX_RPC_LEN) };
        if (mlx5) changeReply(effects, random, { ...request, length }, bytes);
        else changeBytes(effects, random, bytes.bytes, bytes.length, 0);
        return answered;
      },
      unplug: () => gate.unplug(),
    });
    return withLengths(answer, strikes);
  }
}

function withLengths(answer: number | Held<number>, strikes: readonly Strike[]): number | Held<number> {
  if (strikes.every(({ effects }) => effects.outLength === undefined)) return answer;
  return whenReleased(answer, (length) => strikes.reduce(changedLength, length));
}

function changedLength(length: number, { effects: { outLength } }: Strike): number {
  if (outLength === undefined) return length;
  return Math.max(0, outLength.relative ? length + outLength.value : outLength.value);
}
