/** A plugged device's values by dotted name, read and changed while it runs; which there are, its driver knows. */
import type { OverrideValue } from '../config/device-entry.ts';

/** As JSON writes it: integers above 2^53 as decimal text; bytes as text where they are text, otherwise in hex. */
export type PlainValue = number | string | boolean;

export interface LiveValues {
  /** Those that tell what device it is, by short name. */
  identity(): Readonly<Record<string, PlainValue>>;
  /** Every value by complete name; of a register with several instances the first one's. */
  all(): Readonly<Record<string, PlainValue>>;
  /** One value, or all below a name (`identity`), by complete name. Throws ValueError. */
  get(name: string): Readonly<Record<string, PlainValue>>;
  /** Throws ValueError, and then nothing has changed. */
  set(name: string, value: OverrideValue): void;
}

/** What is wrong with a name or a value, and what would do. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}

/** As `live:` of a configuration says. Throws an Error that says which of them the device does not take. */
export function setLive(live: LiveValues | undefined, values: Readonly<Record<string, OverrideValue>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (live === undefined) throw new Error(`live.${name}: the device has no values with names; take it out`);
    try {
      live.set(name, value);
    } catch (error) {
      if (error instanceof ValueError) throw new Error(`live.${error.message}`, { cause: error });
      throw error;
    }
  }
}
