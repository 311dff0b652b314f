/** The values of a device profile by their shape (profile-shape.ts): set by dotted name, read from data, listed. */
import { isRecord } from './device-state.ts';
import { didYouMean } from './nearest-name.ts';
import { OverrideError } from './override-error.ts';
import type {
  AnyValues,
  LeafShape,
  Members,
  NumberShape,
  OverrideValue,
  RecordShape,
  Shape,
  TableShape,
  TextShape,
} from './profile-shape.ts';

type Leaf = number | bigint | string;
type Value = AnyValues[string];

/** Where a problem of data is: names of members, indices of lists. */
export type DataPath = readonly (string | number)[];
/** `wrong`: the name at the path's end, or what stands there. */
export type Complain = (path: DataPath, message: string, wrong: 'name' | 'value') => void;

/** What is wrong with one value: a clause that begins with `wanted is`. */
class Unfit extends Error {}

/** The values with one changed; those given stay as they are. Throws OverrideError. */
export function withValue<V>(shape: RecordShape, values: V, path: string, input: OverrideValue): V {
  return changed(shape, values as AnyValues, path.split('.'), path, input) as V;
}

/** All of them, in the record's order. Throws OverrideError. */
export function withOverrides<V>(shape: RecordShape, values: V, overrides: Readonly<Record<string, OverrideValue>>): V {
  return Object.entries(overrides).reduce((all, [path, input]) => withValue(shape, all, path, input), values);
}

/** The shape that a dotted name leads to. Undefined: there is none. */
export function shapeAt(shape: Shape, path: string): Shape | undefined {
  return path.split('.').reduce<Shape | undefined>((at, step) => {
    if (at?.kind === 'table') return at.row;
    return at?.kind === 'record' && Object.hasOwn(at.members, step) ? at.members[step] : undefined;
  }, shape);
}

/** A dotted name with its tables' keys as they are held: `variables.0x5` is `variables.5`. */
export function heldName(shape: RecordShape, path: string): string {
  let at: Shape | undefined = shape;
  return path
    .split('.')
    .map((step) => {
      const here: Shape | undefined = at;
      at = here && shapeAt(here, step);
      if (here?.kind !== 'table') return step;
      try {
        return keyText(here, step.split(':'));
      } catch {
        return step;
      }
    })
    .join('.');
}

/** Whether the value of that name counts at power-up alone. */
export function isOfPowerUp(shape: RecordShape, path: string): boolean {
  const steps = path.split('.');
  return steps.some((_, i) => {
    const at = shapeAt(shape, steps.slice(0, i + 1).join('.'));
    return at !== undefined && at.kind !== 'record' && at.powerUp === true;
  });
}

function changed(shape: Shape, value: Value | undefined, steps: string[], path: string, input: OverrideValue): Value {
  const [step = '', ...rest] = steps;
  if (shape.kind === 'record') {
    const member = Object.hasOwn(shape.members, step) ? shape.members[step] : undefined;
    if (member === undefined) {
      const names = Object.keys(shape.members);
      throw new OverrideError(
        path,
        `there is no value ${step || path}: known are ${names.join(', ')}${didYouMean(step, names)}`,
      );
    }
    const own = value as AnyValues;
    return {
      ...own,
      [step]: rest.length === 0 ? leafAt(member, path, input) : changed(member, own[step], rest, path, input),
    };
  }
  if (shape.kind === 'table') return changedRow(shape, value as AnyValues, step, rest, path, input);
  throw new OverrideError(path, `${steps.join('.')} is nothing of a single value; take it off`);
}

function changedRow(
  shape: TableShape,
  rows: AnyValues,
  written: string,
  rest: string[],
  path: string,
  input: OverrideValue,
): AnyValues {
  const key = told(path, 'name', () => keyText(shape, written.split(':')));
  if (rest.length === 0) return { ...rows, [key]: leafAt(shape.row, path, input) };
  if (shape.row.kind !== 'record')
    throw new OverrideError(path, `${key} is a single value; take .${rest.join('.')} off`);
  const row = Object.hasOwn(rows, key) ? rows[key] : undefined;
  const begun = row ?? withUntold(shape.row.members, {});
  const made = changed(shape.row, begun, rest, path, input) as AnyValues;
  const lacking = Object.keys(shape.row.members).filter((name) => made[name] === undefined);
  if (lacking.length > 0) {
    const known = Object.keys(rows);
    throw new OverrideError(
      path,
      `there is no ${key}${didYouMean(key, known)}; a new one needs ${lacking.join(', ')}, in a configuration or a profile`,
    );
  }
  return { ...rows, [key]: made };
}

function leafAt(shape: Shape, path: string, input: OverrideValue): Leaf {
  if (shape.kind === 'table')
    throw new OverrideError(path, `wanted is ${path}.${Object.keys(shape.key).join(':').toUpperCase()}`);
  if (shape.kind === 'record')
    throw new OverrideError(
      path,
      `wanted is one of its values: ${path}.${Object.keys(shape.members).join(`, ${path}.`)}`,
    );
  return told(path, 'value', () => leafValue(shape, input));
}

function told<T>(path: string, wrong: 'name' | 'value', work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Unfit) throw new OverrideError(path, error.message, wrong);
    throw error;
  }
}

/** `base` (undefined: nothing) with what the data say. What they say wrongly is complained of and left out. */
export function withData(
  shape: RecordShape,
  base: AnyValues | undefined,
  data: unknown,
  complain: Complain,
): AnyValues {
  return (merged(shape, base, data, [], complain) ?? {}) as AnyValues;
}

function merged(
  shape: Shape,
  base: Value | undefined,
  data: unknown,
  path: DataPath,
  complain: Complain,
): Value | undefined {
  if (shape.kind === 'record') return mergedRecord(shape.members, base as AnyValues | undefined, data, path, complain);
  if (shape.kind === 'table') return mergedTable(shape, (base ?? {}) as AnyValues, data, path, complain);
  try {
    return leafValue(shape, data);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    complain(path, error.message, 'value');
    return base;
  }
}

function mergedRecord(
  members: Members,
  base: AnyValues | undefined,
  data: unknown,
  path: DataPath,
  complain: Complain,
): AnyValues {
  const values: Record<string, Value> = { ...withUntold(members, base ?? {}) };
  if (!isRecord(data)) {
    complain(path, 'wanted is a list of NAME: VALUE lines', 'value');
    return values;
  }
  const names = Object.keys(members);
  for (const [name, inner] of Object.entries(data)) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member === undefined) {
      complain(
        [...path, name],
        `there is no value ${name} (values: ${names.join(', ')})${didYouMean(name, names)}`,
        'name',
      );
      continue;
    }
    const value = merged(member, values[name], inner, [...path, name], complain);
    if (value !== undefined) values[name] = value;
  }
  const lacking = names.filter((name) => values[name] === undefined && data[name] === undefined);
  if (lacking.length > 0)
    complain(path, `${lacking.join(', ')} ${lacking.length === 1 ? 'is' : 'are'} missing`, 'value');
  return values;
}

function mergedTable(shape: TableShape, base: AnyValues, data: unknown, path: DataPath, complain: Complain): AnyValues {
  const rows: Record<string, Value> = { ...base };
  const put = (keys: readonly unknown[], row: unknown, at: DataPath) => {
    let key: string;
    try {
      key = keyText(shape, keys);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      return complain(at, error.message, 'name');
    }
    if (row === null) {
      delete rows[key];
      return;
    }
    const value = merged(shape.row, rows[key], row, at, complain);
    if (value !== undefined) rows[key] = value;
  };
  const keys = Object.keys(shape.key);
  if (Array.isArray(data) && shape.row.kind === 'record') {
    for (const [index, item] of data.entries()) {
      const at = [...path, index];
      if (!isRecord(item)) {
        complain(at, `wanted is a record with ${keys.join(', ')}`, 'value');
        continue;
      }
      const row = Object.fromEntries(Object.entries(item).filter(([name]) => !keys.includes(name)));
      put(
        keys.map((name) => item[name]),
        row,
        at,
      );
    }
  } else if (isRecord(data)) {
    for (const [key, row] of Object.entries(data)) put(key.split(':'), row, [...path, key]);
  } else if (data !== null) complain(path, `wanted is a list of ${keys.join(':').toUpperCase()}: VALUE lines`, 'value');
  return rows;
}

/** `base` with the values of those members that need not be told. */
function withUntold(members: Members, base: AnyValues): AnyValues {
  const values: Record<string, Value> = { ...base };
  for (const [name, shape] of Object.entries(members)) {
    if (values[name] !== undefined) continue;
    if (shape.kind === 'table') values[name] = {};
    else if (shape.kind === 'record') {
      const inner = withUntold(shape.members, {});
      if (Object.keys(shape.members).every((each) => inner[each] !== undefined)) values[name] = inner;
    } else if (shape.unlessTold !== undefined) values[name] = shape.unlessTold;
  }
  return values;
}

/** A row's key from its parts as they are written; one left out is what it is unless told. Throws Unfit. */
function keyText({ key }: TableShape, parts: readonly unknown[]): string {
  const shapes = Object.entries(key);
  if (parts.length > shapes.length) throw new Unfit(`wanted is ${Object.keys(key).join(':').toUpperCase()}`);
  return shapes
    .map(([name, shape], i) => {
      const part = parts[i] ?? shape.unlessTold;
      if (part === undefined) throw new Unfit(`${name} is missing`);
      try {
        const value = leafValue(shape, part);
        const plain = shownLeaf(shape, value);
        return shape.kind === 'number' && shape.hex && typeof plain === 'number'
          ? `0x${plain.toString(16)}`
          : String(plain);
      } catch (error) {
        if (error instanceof Unfit) throw new Unfit(`${name}: ${error.message}`);
        throw error;
      }
    })
    .join(':');
}

/** The parts of a row's key, by name: numbers and texts. */
export function keyParts({ key }: TableShape, text: string): Readonly<Record<string, Leaf>> {
  const parts = text.split(':');
  return Object.fromEntries(Object.entries(key).map(([name, shape], i) => [name, leafValue(shape, parts[i] ?? '')]));
}

/** Throws Unfit. */
function leafValue(shape: LeafShape, input: unknown): Leaf {
  switch (shape.kind) {
    case 'text':
      return textValue(shape, input);
    case 'bytes':
      return bytesValue(shape.most, input);
    case 'wide': {
      const number = wholeOf(input);
      if (number !== undefined && number >= 0n && number < 1n << 64n) return number;
      throw new Unfit('wanted is a whole number of 64 bits');
    }
    case 'number':
      return numberValue(shape, input);
  }
}

function textValue({ pattern, wanted, unlessTold }: TextShape, input: unknown): string {
  const text = typeof input === 'number' ? String(input) : input;
  if (typeof text === 'string' && (pattern.test(text) || text === unlessTold)) return text;
  throw new Unfit(`wanted is ${wanted}`);
}

function numberValue(shape: NumberShape, input: unknown): number {
  const { least, most, names, flags } = shape;
  const named = (word: string) => {
    const found = Object.entries(names ?? {}).find(([name]) => name.toLowerCase() === word.trim().toLowerCase())?.[1];
    return found ?? (/^(\d+|0x[0-9a-f]+)$/i.test(word.trim()) ? Number(word) : Number.NaN);
  };
  let number: number;
  if (typeof input === 'boolean') number = Number(input);
  else if (typeof input !== 'string') number = Number(wholeOf(input) ?? Number.NaN);
  else if (!flags) number = named(input);
  else {
    const bits = input.split('|').map(named);
    number = bits.some(Number.isNaN) ? Number.NaN : Number(bits.reduce((all, bit) => all | BigInt(bit), 0n));
  }
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  const words =
    names === undefined ? '' : `${flags ? ', or, joined by "|", ' : ', or one of '}${Object.keys(names).join(', ')}`;
  const near = typeof input === 'string' && names !== undefined ? didYouMean(input, Object.keys(names)) : '';
  throw new Unfit(`wanted is a whole number from ${least} to ${most}${words}${near}`);
}

/** Hex digits in pairs, with `hex:` before them where they could be a number; a number is its little-endian bytes. */
function bytesValue(most: number, input: unknown): string {
  let digits: string | undefined;
  const number = typeof input === 'string' ? undefined : wholeOf(input);
  if (typeof input === 'string')
    digits = input
      .replace(/^(hex:|0x)/i, '')
      .replace(/[\s:]/g, '')
      .toLowerCase();
  else if (number !== undefined && number >= 0n) digits = littleEndian(number);
  else if (isBytes(input)) digits = Array.from(input, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (digits === undefined || !/^([0-9a-f]{2})*$/.test(digits))
    throw new Unfit('wanted are bytes as pairs of hex digits, "hex:0102", or a number, which is little-endian');
  if (digits.length > 2 * most) throw new Unfit(`wanted are at most ${most} bytes, not ${digits.length / 2}`);
  return digits;
}

function isBytes(input: unknown): input is readonly number[] | Uint8Array {
  if (input instanceof Uint8Array) return true;
  return Array.isArray(input) && input.every((byte) => Number.isInteger(Number(byte)) && byte >= 0 && byte <= 0xff);
}

function littleEndian(number: bigint): string {
  const digits = number.toString(16);
  const pairs = digits.padStart(digits.length + (digits.length % 2), '0').match(/../g) ?? [];
  return pairs.reverse().join('');
}

function wholeOf(input: unknown): bigint | undefined {
  if (typeof input === 'bigint') return input;
  if (typeof input === 'number') return Number.isInteger(input) ? BigInt(input) : undefined;
  return typeof input === 'string' && /^(\d+|0x[0-9a-f]+)$/i.test(input) ? BigInt(input) : undefined;
}

/** As people read and write it: a number's word, where it has one. */
export function shownLeaf(shape: LeafShape, value: Leaf): Leaf {
  if (shape.kind !== 'number' || shape.names === undefined || typeof value !== 'number') return value;
  if (!shape.flags) return Object.entries(shape.names).find(([, number]) => number === value)?.[0] ?? value;
  const words = Object.entries(shape.names).filter(
    ([, bit]) => bit !== 0 && (BigInt(value) & BigInt(bit)) === BigInt(bit),
  );
  const rest = words.reduce((left, [, bit]) => left & ~BigInt(bit), BigInt(value));
  if (words.length === 0) return value;
  return [...words.map(([word]) => word), ...(rest === 0n ? [] : [`0x${rest.toString(16)}`])].join('|');
}

/** The values as people read them, in the shape's order. */
export function shownValues(shape: RecordShape, values: AnyValues): AnyValues {
  return shownOf(shape, values) as AnyValues;
}

function shownOf(shape: Shape, value: Value): Value {
  if (shape.kind === 'table')
    return Object.fromEntries(Object.entries(value as AnyValues).map(([key, row]) => [key, shownOf(shape.row, row)]));
  if (shape.kind !== 'record') return shownLeaf(shape, value as Leaf);
  const own = value as AnyValues;
  const there = Object.entries(shape.members).flatMap(([name, member]) => {
    const inner = own[name];
    return inner === undefined ? [] : [[name, shownOf(member, inner)] as const];
  });
  return Object.fromEntries(there);
}

/** Each single value by its dotted name. */
export function flatValues(values: AnyValues, prefix = ''): Map<string, Leaf> {
  const flat = new Map<string, Leaf>();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'object') flat.set(`${prefix}${name}`, value);
    else for (const [path, leaf] of flatValues(value, `${prefix}${name}.`)) flat.set(path, leaf);
  }
  return flat;
}
