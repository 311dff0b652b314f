/** Faults at the border between the fwctl core and a driver. */
import { MAX_RPC_LEN } from '../../../abi/fwctl.ts';
import { type Held, whenReleased } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { FwctlOps, FwctlRpc } from '../../../fwctl/ops.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { DeviceFaults, Passing } from './device-faults.ts';
import { NONE, type Strike } from './plan.ts';
import { changeBytes, changeReply, writeRefusal } from './reply.ts';
import { carryOut } from './strike.ts';

export class FaultOps implements FwctlOps<unknown> {
  readonly deviceType: number;
  /** Undefined where the driver has none. */
  readonly info: FwctlOps<unknown>['info'];
  private readonly inner: FwctlOps<unknown>;
  private readonly faults: DeviceFaults;
  /** Commands are struck at the door, not here. */
  private readonly atDoor: boolean;

  constructor(inner: FwctlOps<unknown>, faults: DeviceFaults, atDoor: boolean) {
    this.deviceType = inner.deviceType;
    this.info = inner.info && this.faultyInfo;
    this.inner = inner;
    this.faults = faults;
    this.atDoor = atDoor;
  }

  openUctx(caller: Caller): unknown {
    const { inner, faults } = this;
    if (!faults.plan.active) return inner.openUctx(caller);
    const strikes = faults.strikes({ what: 'open' }, caller);
    if (strikes.length === 0) return inner.openUctx(caller);
    const refusal = strikes.find((strike) => strike.refusal !== undefined)?.refusal;
    // The driver makes an errno of what its firmware says; without a door, there is nobody who could refuse.
    const execute = () => {
      const open = () => inner.openUctx(caller);
      return refusal === undefined || !this.atDoor ? open() : this.passing({ refusal }, open);
    };
    return carryOut<unknown>(strikes, faults, { execute });
  }

  closeUctx(uctx: unknown): void {
    this.inner.closeUctx(uctx);
  }

  private faultyInfo(uctx: unknown, data: MessageBuffer, call: Call): number | Held<number> {
    const { inner, faults } = this;
    const execute = () => inner.info?.(uctx, data, call) ?? 0;
    const strikes = faults.plan.active ? faults.strikes({ what: 'info' }, call.caller) : NONE;
    if (strikes.length === 0) return execute();
    const answer = carryOut<number>(strikes, faults, {
      execute,
      change({ effects, random }, length) {
        changeBytes(effects, random, data.bytes, length, 0);
        return length;
      },
    });
    return withLengths(answer, strikes);
  }

  fwRpc(uctx: unknown, rpc: FwctlRpc): number | Held<number> {
    const { inner, faults } = this;
    if (!faults.plan.active) return inner.fwRpc(uctx, rpc);
    if (!this.atDoor) return this.struckRpc(uctx, rpc);
    const passing = { rpc, struck: NONE };
    const answer = this.passing(passing, () => inner.fwRpc(uctx, rpc));
    return withLengths(answer, passing.struck);
  }

  /** What comes to the door meanwhile is of that call. */
  private passing<T>(passing: Passing, work: () => T): T {
    const { faults } = this;
    faults.passing = passing;
    try {
      return work();
    } finally {
      faults.passing = undefined;
    }
  }

  /** Of a driver that answers itself. */
  private struckRpc(uctx: unknown, rpc: FwctlRpc): number | Held<number> {
    const { inner, faults } = this;
    const { scope, request, reply, call } = rpc;
    const { dialect } = faults.place;
    const { length } = request;
    const asked = reply.length;
    const strikes = faults.once(call, () => faults.strikesAtRpc(request, scope, call.caller));
    if (strikes.length === 0 || dialect === undefined) return inner.fwRpc(uctx, rpc);
    const answer = carryOut<number>(strikes, faults, {
      execute: () => inner.fwRpc(uctx, rpc),
      refuse(strike) {
        reply.length = asked;
        writeRefusal(strike, dialect, reply);
        return asked;
      },
      change(strike, answered) {
        changeReply(strike, dialect, { ...request, length }, { ...reply, length: Math.min(answered, MAX_RPC_LEN) });
        return answered;
      },
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
