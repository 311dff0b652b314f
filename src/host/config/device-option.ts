/**
 * `--device SPEC`: one device entry on the command line, `PROFILE[,KEY=VALUE]...` or `KEY=VALUE[,KEY=VALUE]...`, with
 * the keys of the configuration file; a profile value is `set.NAME=VALUE`, one that is set later `live.NAME=VALUE`.
 */
import { didYouMean } from '../../abi/nearest-name.ts';
import type { ConfigProblem } from './config-error.ts';
import type { DeviceEntry, OverrideValue, PlacedEntry } from './device-entry.ts';
import { DEVICE_KEYS, type DeviceKey } from './device-keys.ts';

/** One `KEY=VALUE` and the columns (from 1) where its halves stand. */
interface Item {
  readonly key: string;
  readonly value: string;
  readonly keyColumn: number;
  readonly valueColumn: number;
}

/** `set.NAME`, `live.NAME`. */
const NAMED = /^(set|live)\.(.+)$/;

/** The entry of one `--device`. `known`: names of all keys. Its complaints, now and later, are added to `problems`. */
export function parseDeviceOption(text: string, known: readonly string[], problems: ConfigProblem[]): PlacedEntry {
  const items = new Map<string, Item>();
  const complainAt = (column: number, message: string) => {
    problems.push({ place: `--device ${text}: column ${column}`, message, line: undefined, column });
  };
  const entry: DeviceEntry = {};
  for (const item of itemsOf(text)) {
    const refusal = refusalOf(item, items, known);
    if (refusal) complainAt(item.keyColumn, refusal);
    else if (item.value === '') complainAt(item.valueColumn, `${item.key} has no value; write ${item.key}=VALUE`);
    else {
      items.set(item.key, item);
      const wrong = assign(entry, item);
      if (wrong) complainAt(item.valueColumn, wrong);
    }
  }
  return {
    entry,
    complain(key, message) {
      const item = key === undefined ? undefined : items.get(key);
      complainAt(item?.valueColumn ?? 1, message);
    },
  };
}

function itemsOf(text: string): Item[] {
  const items: Item[] = [];
  let column = 1;
  for (const [index, part] of text.split(',').entries()) {
    const equals = part.indexOf('=');
    if (equals >= 0) {
      const key = part.slice(0, equals);
      items.push({ key, value: part.slice(equals + 1), keyColumn: column, valueColumn: column + equals + 1 });
    } else {
      // A first word alone is the profile; any other word alone is a key without its value.
      const key = index === 0 && part !== '' ? 'profile' : part;
      items.push({ key, value: index === 0 ? part : '', keyColumn: column, valueColumn: column });
    }
    column += part.length + 1;
  }
  return items;
}

function refusalOf(item: Item, before: ReadonlyMap<string, Item>, known: readonly string[]): string | undefined {
  const { key } = item;
  if (key === '') return 'a KEY=VALUE is missing here; take out the comma or write one';
  if (before.has(key)) return `${key} is given twice; leave one out`;
  if (NAMED.test(key)) return undefined;
  const isNamed = (name: string) => name === 'set' || name === 'live';
  if (!isNamed(key) && known.includes(key)) return undefined;
  const named = known.map((name) => (isNamed(name) ? `${name}.NAME` : name));
  return `unknown key "${key}" (keys: ${named.join(', ')})${didYouMean(key, known)}`;
}

/** Puts the item into the entry; what is wrong with its form, or undefined. */
function assign(entry: DeviceEntry, { key, value }: Item): string | undefined {
  const [, of, name] = NAMED.exec(key) ?? [];
  if (of !== undefined && name !== undefined) {
    const values = of as 'set' | 'live';
    entry[values] = { ...entry[values], [name]: overrideValue(value) };
  } else if (key === 'count') {
    if (!/^\d+$/.test(value)) return `count is a whole number, not "${value}"`;
    entry.count = Number(value);
  } else if (Object.hasOwn(DEVICE_KEYS, key)) {
    entry[key as Exclude<DeviceKey, 'count' | 'set' | 'live'>] = value;
  } else {
    entry.own = { ...entry.own, [key]: value };
  }
  return undefined;
}

/** As the configuration file reads a plain value: whole numbers (decimal, 0x, 0o), true and false, otherwise text. */
export function overrideValue(text: string): OverrideValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^(-?\d+|0x[0-9a-f]+|0o[0-7]+)$/i.test(text)) {
    const value = BigInt(text.toLowerCase());
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  return text;
}
