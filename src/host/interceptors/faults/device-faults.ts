/** The faults of one place: which strike at a call, and what they do at the door of its firmware. */
import type { Clock } from '../../../abi/clock.ts';
import type { Held } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { DoorGuard, Refusal, Selectors } from '../../../fwctl/dialect.ts';
import type { FwctlRpc } from '../../../fwctl/ops.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { Place } from '../../machine/interceptor.ts';
import type { FaultPlan, FaultPoint, Strike } from './plan.ts';
import { changeReply, writeRefusal } from './reply.ts';
import { carryOut } from './strike.ts';

/** On its way to the door: a client's command, with what struck it there; or an open that the firmware is to refuse. */
export type Passing = { readonly rpc: FwctlRpc; struck: readonly Strike[] } | { readonly refusal: Refusal };

export class DeviceFaults implements DoorGuard {
  readonly plan: FaultPlan;
  readonly clock: Clock;
  readonly place: Place;
  /** The core is synchronous: there is one. Undefined: commands that come to the door are the driver's own. */
  passing: Passing | undefined;
  /** What struck at ioctls that their transport may begin again. */
  private decided: WeakMap<object, readonly Strike[]> | undefined;

  constructor(plan: FaultPlan, clock: Clock, place: Place) {
    this.plan = plan;
    this.clock = clock;
    this.place = place;
  }

  get active(): boolean {
    return this.passing !== undefined;
  }

  pass(
    request: MessageBuffer,
    reply: MessageBuffer,
    execute: () => undefined | Held<undefined>,
  ): undefined | Held<undefined> {
    const { passing } = this;
    const { dialect } = this.place;
    if (passing === undefined || dialect === undefined) return execute();
    if ('refusal' in passing) {
      dialect.refuse(passing.refusal, reply);
      return undefined;
    }
    const { scope, call } = passing.rpc;
    const strikes = this.strikesAtRpc(request, scope, call.caller);
    if (strikes.length === 0) return execute();
    passing.struck = strikes;
    return carryOut<undefined>(strikes, this, {
      execute,
      refuse: (strike) => writeRefusal(strike, dialect, reply),
      change: (strike) => changeReply(strike, dialect, request, reply),
    });
  }

  /** The faults that strike at a client's command. */
  strikesAtRpc(request: MessageBuffer, scope: number, caller: Caller): readonly Strike[] {
    const own: Selectors = {};
    this.place.dialect?.select(request, own);
    return this.strikes({ what: 'rpc', scope, own }, caller);
  }

  /** What strikes at this call, decided once: a run that its transport begins again is the same call. */
  once({ ioctl }: Call, decide: () => readonly Strike[]): readonly Strike[] {
    if (ioctl === undefined) return decide();
    this.decided ??= new WeakMap();
    const strikes = this.decided.get(ioctl) ?? decide();
    this.decided.set(ioctl, strikes);
    return strikes;
  }

  /** The same at any call. */
  strikes(point: Pick<FaultPoint, 'what' | 'scope' | 'own' | 'command'>, caller: Caller): readonly Strike[] {
    const { name: device, dialect } = this.place;
    return this.plan.strikes({ ...point, device, driver: dialect?.driver, comm: () => caller.comm() });
  }
}
