/** What a struck call answers: now or later, its errno, the firmware's refusal, or the answer with changes. */
import type { Clock } from '../../../abi/clock.ts';
import { Held } from '../../../abi/held.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { Place } from '../../machine/interceptor.ts';
import type { Strike } from './plan.ts';

/** The call as it would go without the fault, and what can be done to it. */
export interface Struck<T> {
  /** Carries it out. */
  execute(): T | Held<T>;
  /** The firmware refuses it: makes the answer without executing. Absent: `execute` does. */
  refuse?(strike: Strike): T | Held<T>;
  /** Changes the answer; absent: nothing can. */
  change?(strike: Strike, answer: T): T;
}

/** Where it is struck. */
interface At {
  readonly clock: Clock;
  readonly place: Place;
}

/** Throws Errno where that is the effect, also out of `Held.get`. */
export function carryOut<T>(strikes: readonly Strike[], { clock, place }: At, call: Struck<T>): T | Held<T> {
  const failing = strikes.find(({ effects }) => effects.error !== undefined);
  if (failing !== undefined) {
    const { id, text, effects } = failing;
    const refusal = new Errno(effects.error ?? 'EIO', `fault ${id} was injected: ${text}`, 'remove the fault');
    takeAway(strikes, place);
    return afterAll(holdsOf(strikes, clock), () => {
      throw refusal;
    });
  }
  const refusing = strikes.find(({ refusal }) => refusal !== undefined);
  let answer: T | Held<T>;
  try {
    answer = refusing === undefined || !call.refuse ? call.execute() : call.refuse(refusing);
  } catch (error) {
    // Anything else is a transport that breaks the call off, to begin it again.
    if (!(error instanceof Errno)) throw error;
    takeAway(strikes, place);
    return afterAll(holdsOf(strikes, clock), () => {
      throw error;
    });
  }
  takeAway(strikes, place);
  const changed = (value: T): T => strikes.reduce((so, strike) => (call.change ? call.change(strike, so) : so), value);
  const holds = holdsOf(strikes, clock);
  if (!(answer instanceof Held)) {
    const value = changed(answer);
    return afterAll(holds, () => value);
  }
  const late = answer;
  return afterAll([...holds, late.map(() => undefined)], () => changed(late.get()));
}

/** Once the call is under way, not before: one that its transport breaks off finds its device when it comes again. */
function takeAway(strikes: readonly Strike[], place: Place): void {
  for (const { effects } of strikes) if (effects.unplug) place.unplug();
}

function holdsOf(strikes: readonly Strike[], clock: Clock): Held<undefined>[] {
  return strikes.map((strike) => holdOf(strike, clock)).filter((hold) => hold !== undefined);
}

/** What the answer waits for; undefined: for nothing. */
function holdOf(strike: Strike, clock: Clock): Held<undefined> | undefined {
  const { hang, delayMs } = strike.effects;
  const hold = hang ? strike.hold : undefined;
  if (hold === undefined && delayMs === undefined) return undefined;
  const held = new Held<undefined>();
  if (hold !== undefined) hold(held);
  else clock.after(delayMs ?? 0, () => held.release(() => undefined));
  return held;
}

/** `produce` now, or when all are let go. */
export function afterAll<T>(holds: readonly Held<unknown>[], produce: () => T): T | Held<T> {
  if (holds.length === 0) return produce();
  const held = new Held<T>();
  let left = holds.length;
  for (const hold of holds) {
    hold.onRelease(() => {
      if (--left === 0) held.release(produce);
    });
  }
  return held;
}
