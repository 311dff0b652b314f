/** The values of a plugged device whose profile has a shape (abi/profile-shape.ts), by dotted name. */
import { didYouMean } from '../../abi/nearest-name.ts';
import { OverrideError } from '../../abi/override-error.ts';
import type { AnyValues, OverrideValue, RecordShape } from '../../abi/profile-shape.ts';
import { flatValues, heldName, isOfPowerUp, shownValues, withValue } from '../../abi/profile-values.ts';
import { type LiveValues, type PlainValue, ValueError } from './live-values.ts';

/** A running firmware's values: as they are now, what it has worked out and kept too. */
export interface ValuedFirmware<Values> {
  liveValues(): Values;
  /** The values from now on; `path` is the one that was changed. Throws ValueError where it cannot be. */
  adopt(values: Values, path: string): void;
}

export class ShapedLiveValues<Values> implements LiveValues {
  private readonly shape: RecordShape;
  private readonly firmware: ValuedFirmware<Values>;

  constructor(shape: RecordShape, firmware: ValuedFirmware<Values>) {
    this.shape = shape;
    this.firmware = firmware;
  }

  /** All of them, in their shape. */
  now(): Values {
    return this.firmware.liveValues();
  }

  /** The values that stand below no other name. */
  identity(): Record<string, PlainValue> {
    return Object.fromEntries([...this.values()].filter(([name]) => !name.includes('.')));
  }

  all(): Record<string, PlainValue> {
    return Object.fromEntries(this.values());
  }

  get(name: string): Record<string, PlainValue> {
    const all = this.values();
    const held = heldName(this.shape, name);
    const found = [...all].filter(([path]) => path === held || path.startsWith(`${held}.`));
    if (found.length > 0)
      return Object.fromEntries(found.map(([path, value]) => [name + path.slice(held.length), value]));
    throw new ValueError(`${name}: there is no such value ${this.besides(held, [...all.keys()])}`);
  }

  set(name: string, value: OverrideValue): void {
    if (isOfPowerUp(this.shape, name))
      throw new ValueError(
        `${name}: it says what is made at power-up; give it with --device set.${name}=... instead, or in a profile`,
      );
    let values: Values;
    try {
      values = withValue(this.shape, this.firmware.liveValues(), name, value);
    } catch (error) {
      throw error instanceof OverrideError ? new ValueError(error.message) : error;
    }
    this.firmware.adopt(values, name);
  }

  /** What there is as far down as the name is right, in brackets, and what may have been meant. */
  private besides(name: string, all: readonly string[]): string {
    const steps = name.split('.').slice(0, -1);
    while (steps.length > 0 && !all.some((path) => path.startsWith(`${steps.join('.')}.`))) steps.pop();
    const above = steps.map((step) => `${step}.`).join('');
    const below = all
      .filter((path) => path.startsWith(above))
      .map((path) => path.slice(above.length).split('.')[0] ?? '');
    const names = steps.length === 0 ? Object.keys(this.shape.members) : [...new Set(below)];
    const near = didYouMean(name, [...names.map((each) => above + each), ...all]);
    return `(${steps.length === 0 ? 'values' : `below ${steps.join('.')}`}: ${names.join(', ')})${near}`;
  }

  private values(): Map<string, PlainValue> {
    const shown = flatValues(shownValues(this.shape, this.firmware.liveValues() as AnyValues));
    return new Map([...shown].map(([name, value]) => [name, typeof value === 'bigint' ? wideText(value) : value]));
  }
}

function wideText(value: bigint): PlainValue {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}
