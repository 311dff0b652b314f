/** The values of a device profile by their shape (profile-shape.ts): set by dotted name, read from data, listed. */
import { isRecord } from './device-state.ts';
import { didYouMean } from './nearest-name.ts';
import { OverrideError } from './override-error.ts';
import { type Leaf, leafValue, shownLeaf, Unfit } from './profile-leaf.ts';
import type { AnyValues, Members, OverrideValue, RecordShape, Shape, TableShape } from './profile-shape.ts';

type Value = AnyValues[string];

/** Where a problem of data is: names of members, indices of lists. */
export type DataPath = readonly (string | number)[];
/** `wrong`: the name at the path's end, or what stands there. */
export type Complain = (path: DataPath, message: string, wrong: 'name' | 'value') => void;

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
  if (shape.kind === 'record') return mergedRecord(shape, base as AnyValues | undefined, data, path, complain);
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
  { members, rows }: RecordShape,
  base: AnyValues | undefined,
  data: unknown,
  path: DataPath,
  complain: Complain,
): AnyValues {
  const values: Record<string, Value> = { ...withUntold(members, base ?? {}) };
  const listed = rows === undefined || !Array.isArray(data) ? undefined : members[rows];
  if (rows !== undefined && listed !== undefined) {
    values[rows] = merged(listed, values[rows], data, path, complain) ?? {};
    return values;
  }
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

/** A row's key from its parts as they are written, without empty ones at its end. Throws Unfit. */
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
    .join(':')
    .replace(/:+$/, '');
}

/** The parts of a row's key, by name: numbers and texts. */
export function keyParts({ key }: TableShape, text: string): Readonly<Record<string, Leaf>> {
  const parts = text.split(':');
  return Object.fromEntries(Object.entries(key).map(([name, shape], i) => [name, leafValue(shape, parts[i] ?? '')]));
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
