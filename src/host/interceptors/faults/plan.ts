/**
 * The faults of one machine: added, listed, removed and released while it runs. Each device asks the plan at its own
 * borders (device-faults.ts). Two faults that strike at the same call both take effect, the earlier one's errno first.
 */
import type { Held } from '../../../abi/held.ts';
import type { Messages, Refusal, Selectors } from '../../../fwctl/dialect.ts';
import { seededRandom } from './random.ts';
import { Schedule } from './schedule.ts';
import type { FaultEffects, FaultSpec, FaultWhat } from './spec.ts';

/** What a call is, as far as its kind has it. */
export interface FaultPoint {
  readonly what: FaultWhat;
  readonly device: string;
  /** Asked only when a fault selects by it. */
  comm(): string;
  /** Of a fwctl device; undefined: it has no driver's dialect. */
  readonly driver: string | undefined;
  readonly scope?: number | undefined;
  /** What its driver's dialect says of the command. */
  readonly own?: Selectors | undefined;
  /** The ioctl word. */
  readonly command?: number | undefined;
}

/** A fault in force, for lists. */
export interface FaultStatus {
  readonly id: number;
  readonly text: string;
  /** Calls that it matched, and struck. */
  readonly calls: number;
  readonly strikes: number;
  /** Answers that it holds back now. */
  readonly held: number;
}

/** A fault that strikes at a call. */
export interface Strike {
  readonly id: number;
  readonly text: string;
  readonly effects: FaultEffects;
  /** What the firmware refuses with; undefined: it does not. */
  readonly refusal: Refusal | undefined;
  /** The names of the device's messages; undefined: it has none. */
  readonly messages: Messages | undefined;
  /** Numbers from the fault's seed, for what it changes at random. */
  readonly random: () => number;
  /** Keeps an answer until the fault is released; undefined: it is to hold nothing any more. */
  readonly hold: ((answer: Held<undefined>) => void) | undefined;
}

interface Rule {
  readonly id: number;
  readonly spec: FaultSpec;
  readonly schedule: Schedule;
  readonly random: () => number;
  readonly held: Set<Held<undefined>>;
  holds: boolean;
}

/** Nothing strikes. */
export const NONE: readonly Strike[] = [];
/** So that the bits which are flipped do not follow the calls which are struck. */
const FLIP_SEED = 0x5f3759df;

export class FaultPlan {
  private readonly rules: Rule[] = [];
  private lastId = 0;
  /** Told of each strike as it happens; undefined: nobody is. */
  onStrike: ((device: string, id: number, text: string) => void) | undefined;

  /** False: nothing is to be asked. */
  get active(): boolean {
    return this.rules.length > 0;
  }

  /** From now on; its number, for `remove` and `release`. */
  add(spec: FaultSpec): number {
    const id = ++this.lastId;
    const random = seededRandom(spec.when.seed ^ FLIP_SEED);
    this.rules.push({ id, spec, schedule: new Schedule(spec.when), random, held: new Set(), holds: true });
    return id;
  }

  /** Takes a fault away and lets go what it holds. False: there is none of that number. */
  remove(id: number): boolean {
    const index = this.rules.findIndex((rule) => rule.id === id);
    if (index < 0) return false;
    const [rule] = this.rules.splice(index, 1);
    if (rule !== undefined) letGo(rule);
    return true;
  }

  /** Lets go what one fault holds, or all do; the faults stay. How many answers that were; undefined: no such fault. */
  release(id?: number): number | undefined {
    const rules = id === undefined ? this.rules : this.rules.filter((rule) => rule.id === id);
    if (id !== undefined && rules.length === 0) return undefined;
    return rules.reduce((count, rule) => count + letGo(rule), 0);
  }

  /**
   * Lets go what all faults hold, and what those that there are would hold later; they stay, with their other effects.
   * A call may be on its way when this is asked. False: there is no fault that holds.
   */
  holdNothing(): boolean {
    this.release();
    const holding = this.rules.filter(({ spec, holds }) => holds && spec.effects.hang === true);
    for (const rule of holding) rule.holds = false;
    return holding.length > 0;
  }

  /** Puts the faults back to what they are now, their counts to 0. */
  snapshot(): () => void {
    const specs = this.rules.map(({ spec }) => spec);
    return () => {
      for (const { id } of this.list()) this.remove(id);
      for (const spec of specs) this.add(spec);
    };
  }

  /** In the order in which they were added. */
  list(): FaultStatus[] {
    return this.rules.map(({ id, spec, schedule, held }) => ({
      id,
      text: spec.text,
      calls: schedule.calls,
      strikes: schedule.strikes,
      held: held.size,
    }));
  }

  /** The faults that strike at this call; each one that matches counts it. */
  strikes(point: FaultPoint): readonly Strike[] {
    let struck: Strike[] | undefined;
    for (const rule of this.rules) {
      if (!matches(rule.spec, point) || !rule.schedule.next()) continue;
      const { id, spec, random, held, holds } = rule;
      const hold = holds ? (answer: Held<undefined>) => void held.add(answer) : undefined;
      const { driver = '' } = point;
      const { text, effects, own, messages } = spec;
      const refusal = own?.get(driver)?.refusal;
      this.onStrike?.(point.device, id, spec.text);
      struck ??= [];
      struck.push({ id, text, effects, refusal, messages: messages.get(driver), random, hold });
    }
    return struck ?? NONE;
  }
}

function letGo({ held }: Rule): number {
  const answers = [...held];
  held.clear();
  for (const answer of answers) answer.release(() => undefined);
  return answers.length;
}

function matches({ what, selectors, own }: FaultSpec, point: FaultPoint): boolean {
  if (what !== point.what) return false;
  const { device, comm, scope, command } = selectors;
  if (device !== undefined && device !== point.device) return false;
  if (scope !== undefined && scope !== point.scope) return false;
  if (command !== undefined && command !== point.command) return false;
  if (own !== undefined && !matchesOwn(own, point)) return false;
  return comm === undefined || comm === point.comm();
}

function matchesOwn(own: NonNullable<FaultSpec['own']>, point: FaultPoint): boolean {
  const part = own.get(point.driver ?? '');
  if (part === undefined) return false;
  return Object.entries(part.selectors).every(([key, value]) => point.own?.[key] === value);
}
